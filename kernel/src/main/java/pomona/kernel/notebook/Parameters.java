package pomona.kernel.notebook;

import com.sun.source.tree.ClassTree;
import com.sun.source.tree.ExpressionTree;
import com.sun.source.tree.MethodTree;
import com.sun.source.tree.Tree;
import com.sun.source.tree.UnaryTree;
import com.sun.source.tree.VariableTree;
import com.sun.source.util.JavacTask;
import java.io.IOException;
import java.net.URI;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;

/**
 * Values for a notebook's parameters, injected as papermill does: a new cell tagged {@code injected-parameters} after
 * the cell tagged {@code parameters}, or at the top when there is none.
 *
 * <p>In the injected cell each value is a Java literal of the type its variable was declared with: a {@code String} is
 * quoted, a {@code long} gets its {@code L}, and the value of a variable of any other type is taken as a Java expression.
 */
public final class Parameters {

    private static final String TAG = "parameters";
    static final String INJECTED = "injected-parameters";

    private Parameters() {}

    /**
     * Puts the values into the notebook; an injected cell of an earlier run is replaced.
     *
     * @throws NotebookException when a name is not declared in the parameters cell, or a value does not fit its type
     */
    public static void inject(Notebook notebook, Map<String, String> values) throws NotebookException {
        if (values.isEmpty()) {
            return;
        }
        int position = 0;
        Map<String, String> types = null;
        List<Cell> cells = notebook.cells();
        for (int i = cells.size() - 1; i >= 0; i--) {
            if (cells.get(i).tags().contains(INJECTED)) {
                notebook.removeCell(i);
            }
        }
        cells = notebook.cells();
        for (int i = 0; i < cells.size() && types == null; i++) {
            if (cells.get(i).isCode() && cells.get(i).tags().contains(TAG)) {
                types = declared(cells.get(i).source());
                position = i + 1;
            }
        }
        StringBuilder source = new StringBuilder("// Parameters");
        for (Map.Entry<String, String> value : values.entrySet()) {
            source.append('\n').append(statement(value.getKey(), value.getValue(), types));
        }
        notebook.insertCode(position, source.toString(), INJECTED);
    }

    private static String statement(String name, String value, Map<String, String> types) throws NotebookException {
        if (types == null) {
            if (!javax.lang.model.SourceVersion.isName(name)) {
                throw new NotebookException("--param " + name + "=" + value + ": " + name + " is not a Java name.");
            }
            return "var " + name + " = " + JavaLiteral.guess(value) + ";";
        }
        String type = types.get(name);
        if (type == null) {
            String known = types.isEmpty()
                    ? "its parameters cell declares none."
                    : "it has " + types.keySet().stream().sorted().collect(Collectors.joining(", ")) + ".";
            throw new NotebookException("The notebook has no parameter " + name + ": " + known);
        }
        return name + " = " + JavaLiteral.of(type, value, name) + ";";
    }

    /** The variables a cell declares at its top level and their types; {@code var} becomes the type of its literal. */
    static Map<String, String> declared(String source) {
        // Parsed as the body of a method. Imports and magics can not stand there and declare nothing.
        String body = source.lines()
                .map(line -> line.strip().startsWith("import ") || line.strip().startsWith("%") ? "" : line)
                .collect(Collectors.joining("\n"));
        Map<String, String> types = new LinkedHashMap<>();
        for (Tree statement : statements("class Cell { void run() {\n" + body + "\n} }")) {
            if (statement instanceof VariableTree variable) {
                types.put(variable.getName().toString(), typeOf(variable));
            }
        }
        return types;
    }

    private static List<? extends Tree> statements(String unit) {
        SimpleJavaFileObject file =
                new SimpleJavaFileObject(URI.create("string:///Cell.java"), SimpleJavaFileObject.Kind.SOURCE) {
                    @Override
                    public CharSequence getCharContent(boolean ignoreEncodingErrors) {
                        return unit;
                    }
                };
        try {
            JavacTask task = (JavacTask) ToolProvider.getSystemJavaCompiler()
                    .getTask(null, null, problem -> {}, List.of("-proc:none"), null, List.of(file));
            for (Tree type : task.parse().iterator().next().getTypeDecls()) {
                for (Tree member : ((ClassTree) type).getMembers()) {
                    if (member instanceof MethodTree method && method.getBody() != null) {
                        return method.getBody().getStatements();
                    }
                }
            }
            return List.of();
        } catch (IOException e) {
            throw new IllegalStateException("a string could not be read", e);
        }
    }

    private static String typeOf(VariableTree variable) {
        String declared =
                variable.getType() == null ? "var" : variable.getType().toString();
        return declared.isEmpty() || declared.equals("var") ? typeOfLiteral(variable.getInitializer()) : declared;
    }

    private static String typeOfLiteral(ExpressionTree value) {
        if (value == null) {
            return "Object";
        }
        return switch (value.getKind()) {
            case STRING_LITERAL -> "String";
            case INT_LITERAL -> "int";
            case LONG_LITERAL -> "long";
            case DOUBLE_LITERAL -> "double";
            case FLOAT_LITERAL -> "float";
            case BOOLEAN_LITERAL -> "boolean";
            case CHAR_LITERAL -> "char";
            case UNARY_MINUS, UNARY_PLUS -> typeOfLiteral(((UnaryTree) value).getExpression());
            default -> "Object";
        };
    }
}
