package pomona.torchscript;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Parses the code of traced models; what branches or loops is refused by name and line. */
final class CodeParser {

    private static final Set<String> CONTROL = Set.of(
            "if", "elif", "else", "for", "while", "try", "except", "with", "raise", "assert", "break", "continue");

    /** Deeper expressions are no trace. */
    private static final int MOST_DEPTH = 200;

    private final String file;
    private final List<Tokens> lines = new ArrayList<>();
    private final List<Integer> indents = new ArrayList<>();
    private int at;
    private int depth;

    private CodeParser(String file, String text) {
        this.file = file;
        int number = 0;
        StringBuilder open = new StringBuilder();
        int start = 0;
        int brackets = 0;
        for (String line : text.split("\n", -1)) {
            number++;
            if (open.length() == 0) {
                start = number;
            }
            open.append(line).append(' ');
            brackets += brackets(line);
            if (brackets <= 0) {
                add(start, open.toString());
                open.setLength(0);
                brackets = 0;
            }
        }
        if (open.length() > 0) {
            throw Refusal.at(file, start, "a bracket is not closed.");
        }
    }

    private static int brackets(String line) {
        int open = 0;
        char quote = 0;
        for (int i = 0; i < line.length(); i++) {
            char c = line.charAt(i);
            if (quote != 0) {
                i += c == '\\' ? 1 : 0;
                quote = c == quote ? 0 : quote;
            } else if (c == '"' || c == '\'') {
                quote = c;
            } else {
                open += c == '(' || c == '[' || c == '{' ? 1 : c == ')' || c == ']' || c == '}' ? -1 : 0;
            }
        }
        return open;
    }

    private void add(int number, String text) {
        if (!text.isBlank()) {
            indents.add(text.length() - text.stripLeading().length());
            lines.add(new Tokens(file, number, text));
        }
    }

    /** The classes of a code file, by name. */
    static Map<String, Code.Type> parse(String file, String text) {
        CodeParser parser = new CodeParser(file, text);
        Map<String, Code.Type> types = new LinkedHashMap<>();
        while (parser.at < parser.lines.size()) {
            Tokens line = parser.lines.get(parser.at);
            if (line.skip("class")) {
                Code.Type type = parser.type(line.next());
                types.put(type.name(), type);
            } else {
                parser.at++;
            }
        }
        return types;
    }

    private Code.Type type(String name) {
        int indent = indents.get(at++);
        Map<String, Code.Function> functions = new LinkedHashMap<>();
        while (at < lines.size() && indents.get(at) > indent) {
            if (lines.get(at).peek().equals("def")) {
                Code.Function function = function();
                functions.put(function.name(), function);
            } else {
                // Declarations of attributes: the pickled data says what there is.
                at++;
            }
        }
        return new Code.Type(name, functions);
    }

    private Code.Function function() {
        int indent = indents.get(at);
        Tokens head = lines.get(at++);
        head.expect("def");
        String name = head.next();
        head.expect("(");
        List<String> parameters = new ArrayList<>();
        int nested = 0;
        boolean first = true;
        for (String token = head.next(); !token.isEmpty() && (nested > 0 || !token.equals(")")); token = head.next()) {
            nested += token.equals("[") || token.equals("(") ? 1 : token.equals("]") || token.equals(")") ? -1 : 0;
            if (first && nested == 0) {
                parameters.add(token);
            }
            first = nested == 0 && token.equals(",");
        }
        List<Code.Statement> statements = new ArrayList<>();
        while (at < lines.size() && indents.get(at) > indent) {
            Code.Statement statement = statement(lines.get(at++));
            if (statement != null) {
                statements.add(statement);
            }
        }
        return new Code.Function(
                name, parameters.subList(Math.min(1, parameters.size()), parameters.size()), statements);
    }

    private Code.Statement statement(Tokens line) {
        if (CONTROL.contains(line.peek())) {
            throw line.refusal("it has the statement " + line.peek()
                    + ", but a network neither branches nor loops; trace the model instead of scripting it.");
        }
        if (line.skip("pass")) {
            return null;
        }
        boolean returns = line.skip("return");
        List<String> targets = new ArrayList<>();
        if (!returns && assigns(line)) {
            targets(line, targets);
        }
        Code.Expression value = tuple(line);
        if (!line.isEnd()) {
            throw line.refusal("the sign " + line.peek() + " is not understood.");
        }
        return new Code.Statement(line.line(), targets, returns, value);
    }

    /** Whether a sign of assignment comes before any bracket of a call. */
    private static boolean assigns(Tokens line) {
        for (int ahead = 0; !line.peek(ahead).isEmpty() && !line.peek(ahead).equals("("); ahead++) {
            if (line.peek(ahead).equals("=")) {
                return true;
            }
        }
        return false;
    }

    private static void targets(Tokens line, List<String> targets) {
        // A type may follow a name: x : Tensor = ...
        while (!line.peek().equals("=")) {
            String token = line.next();
            if (token.isEmpty() || !token.matches("\\w+")) {
                throw line.refusal("the assignment to " + token + " is not understood.");
            }
            targets.add(token);
            if (line.skip(":")) {
                while (!line.peek().equals("=") && !line.isEnd()) {
                    line.next();
                }
            }
            line.skip(",");
        }
        line.expect("=");
    }

    private Code.Expression tuple(Tokens line) {
        Code.Expression first = expression(line);
        if (!line.peek().equals(",")) {
            return first;
        }
        List<Code.Expression> items = new ArrayList<>(List.of(first));
        while (line.skip(",") && !line.isEnd()) {
            items.add(expression(line));
        }
        return new Code.Items(items);
    }

    private Code.Expression expression(Tokens line) {
        if (++depth > MOST_DEPTH) {
            throw line.refusal("its expressions are nested without end.");
        }
        Code.Expression value = primary(line);
        while (true) {
            if (line.skip(".")) {
                value = new Code.Attribute(value, line.next());
            } else if (line.skip("(")) {
                value = call(line, value);
            } else if (line.skip("[")) {
                Code.Expression index = expression(line);
                line.expect("]");
                value = new Code.Item(value, index);
            } else {
                depth--;
                return value;
            }
        }
    }

    private Code.Expression primary(Tokens line) {
        String token = line.next();
        if (token.equals("(")) {
            List<Code.Expression> items = items(line, ")");
            return items.size() == 1 ? items.get(0) : new Code.Items(items);
        }
        if (token.equals("[")) {
            return new Code.Items(items(line, "]"));
        }
        if (token.equals("-") && line.peek().matches("[\\d.].*|inf")) {
            Object number = number(line, line.next());
            return new Code.Literal(number instanceof Long l ? (Object) (-l) : (Object) (-(Double) number));
        }
        if (token.matches("[\\d.].*")) {
            return new Code.Literal(number(line, token));
        }
        if (token.startsWith("\"") || token.startsWith("'")) {
            return new Code.Literal(token.substring(1, token.length() - 1));
        }
        return switch (token) {
            case "None" -> new Code.Literal(Pickle.NONE);
            case "True" -> new Code.Literal(Boolean.TRUE);
            case "False" -> new Code.Literal(Boolean.FALSE);
            case "inf" -> new Code.Literal(Double.POSITIVE_INFINITY);
            default -> {
                if (!token.matches("[A-Za-z_]\\w*")) {
                    throw line.refusal("the sign " + token + " is not understood.");
                }
                yield new Code.Name(token);
            }
        };
    }

    private List<Code.Expression> items(Tokens line, String end) {
        List<Code.Expression> items = new ArrayList<>();
        while (!line.skip(end)) {
            items.add(expression(line));
            if (!line.peek().equals(end)) {
                line.expect(",");
            }
        }
        return items;
    }

    private Code.Call call(Tokens line, Code.Expression function) {
        List<Code.Expression> arguments = new ArrayList<>();
        Map<String, Code.Expression> named = new LinkedHashMap<>();
        while (!line.skip(")")) {
            if (line.peek(1).equals("=")) {
                String name = line.next();
                line.expect("=");
                named.put(name, expression(line));
            } else {
                arguments.add(expression(line));
            }
            if (!line.peek().equals(")")) {
                line.expect(",");
            }
        }
        return new Code.Call(function, arguments, named);
    }

    private static Object number(Tokens line, String text) {
        try {
            return text.matches("\\d+") ? (Object) Long.parseLong(text) : (Object) Double.parseDouble(text);
        } catch (NumberFormatException e) {
            throw line.refusal("the number " + text + " is not understood.");
        }
    }
}
