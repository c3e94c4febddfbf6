package pomona.kernel;

import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.Type;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import jdk.jshell.MethodSnippet;
import jdk.jshell.Snippet;
import jdk.jshell.SourceCodeAnalysis;
import jdk.jshell.VarSnippet;

/**
 * Signatures of the names that can follow a text: by reflection, since asking JShell for each takes several milliseconds.
 */
final class Signatures {

    private static final int OVERLOADS = 4;

    private final Evaluator evaluator;
    private final ClassLoader classes;

    Signatures(Evaluator evaluator, ClassLoader classes) {
        this.evaluator = evaluator;
        this.classes = classes;
    }

    /** What the names of one place are looked up in: the session, or a type. */
    interface Scope {

        /** The signatures of a method's overloads, each on a line; empty when it is not known. */
        String method(String name);

        /** The type of a variable or field; empty when there is none of the name. */
        String field(String name);
    }

    /** The scope after a text that ends where a name begins. */
    Scope scope(String before) {
        if (!before.endsWith(".")) {
            return new OfSession(evaluator);
        }
        Class<?> type = receiver(before.substring(0, before.length() - 1));
        return new OfType(type);
    }

    /** The type of the expression, or the type itself, that a text ends in; null when unknown. */
    private Class<?> receiver(String text) {
        SourceCodeAnalysis analysis = evaluator.shell().sourceCodeAnalysis();
        String type = analysis.analyzeType(text, text.length());
        if (type == null) {
            type = analysis.documentation(text, text.length(), false).stream()
                    .map(SourceCodeAnalysis.Documentation::signature)
                    .filter(signature -> signature.matches("[\\w.]+(<.*>)?"))
                    .findFirst()
                    .orElse("");
        }
        // Arrays have no class of their own that matters here: all have a length and the methods of Object.
        return type.endsWith("[]") ? Object[].class : load(type.replaceAll("<.*>", ""));
    }

    private Class<?> load(String name) {
        if (!name.matches("[\\w.$]+")) {
            return null;
        }
        for (String candidate = name; ; ) {
            try {
                return Class.forName(candidate, false, classes);
            } catch (ClassNotFoundException | LinkageError e) {
                int dot = candidate.lastIndexOf('.');
                if (dot < 0) {
                    return candidate.startsWith("java.lang.") ? null : loadLang(name);
                }
                candidate = candidate.substring(0, dot) + "$" + candidate.substring(dot + 1);
            }
        }
    }

    private Class<?> loadLang(String name) {
        try {
            return Class.forName("java.lang." + name, false, classes);
        } catch (ClassNotFoundException | LinkageError e) {
            return null;
        }
    }

    private record OfSession(Evaluator evaluator) implements Scope {

        @Override
        public String method(String name) {
            return evaluator
                    .shell()
                    .methods()
                    .filter(method -> method.name().equals(name))
                    .filter(method -> evaluator.shell().status(method) != Snippet.Status.DROPPED)
                    .map(OfSession::signature)
                    .distinct()
                    .collect(Collectors.joining("\n"));
        }

        private static String signature(MethodSnippet method) {
            String type = method.signature();
            String returned = type.substring(type.indexOf(')') + 1);
            return JavaCompletion.brief(returned + " " + method.name() + "(" + method.parameterTypes() + ")");
        }

        @Override
        public String field(String name) {
            VarSnippet variable = evaluator.declarations().variable(name);
            return variable == null ? "" : JavaCompletion.brief(variable.typeName()) + " " + name;
        }
    }

    private record OfType(Class<?> type) implements Scope {

        @Override
        public String method(String name) {
            if (type == null) {
                return "";
            }
            Stream<Method> methods = Arrays.stream(type.getMethods());
            if (type.isInterface()) {
                methods = Stream.concat(methods, Arrays.stream(Object.class.getMethods()));
            }
            Set<String> found = methods.filter(method -> method.getName().equals(name) && !method.isBridge())
                    .map(OfType::signature)
                    .sorted()
                    .collect(Collectors.toCollection(LinkedHashSet::new));
            String text = found.stream().limit(OVERLOADS).collect(Collectors.joining("\n"));
            return found.size() > OVERLOADS ? text + "\nand " + (found.size() - OVERLOADS) + " more" : text;
        }

        private static String signature(Method method) {
            Type[] types = method.getGenericParameterTypes();
            String parameters = Arrays.stream(types)
                    .map(type -> JavaCompletion.brief(type.getTypeName()).replace('$', '.'))
                    .collect(Collectors.joining(", "));
            if (method.isVarArgs()) {
                parameters = parameters.replaceFirst("\\[]$", "...");
            }
            String returned = JavaCompletion.brief(method.getGenericReturnType().getTypeName());
            return returned.replace('$', '.') + " " + method.getName() + "(" + parameters + ")";
        }

        @Override
        public String field(String name) {
            if (type != null && type.isArray() && name.equals("length")) {
                return "int length";
            }
            try {
                Field field = type == null ? null : type.getField(name);
                boolean seen = field != null && Modifier.isPublic(field.getModifiers());
                return seen ? JavaCompletion.brief(field.getGenericType().getTypeName()) + " " + name : "";
            } catch (NoSuchFieldException e) {
                return "";
            }
        }
    }
}
