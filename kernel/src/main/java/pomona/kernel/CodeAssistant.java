package pomona.kernel;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import jdk.jshell.SourceCodeAnalysis;
import jdk.jshell.VarSnippet;

/** Answers an editor's questions about code that has not run: completion, documentation, whether it is complete. */
public final class CodeAssistant {

    /** What may replace a range of the code; positions are UTF-16 units. */
    public record Completion(int start, int end, List<Item> items) {

        /** Copies the items. */
        public Completion {
            items = List.copyOf(items);
        }
    }

    /** One proposal: the text, and what it is (function, class, keyword, magic, statement or instance). */
    public record Item(String text, String type) {}

    /**
     * Whether code can run as it is.
     *
     * @param status complete, incomplete or invalid
     * @param indent what the next line should begin with when incomplete
     */
    public record Completeness(String status, String indent) {}

    private static final Pattern MAGIC = Pattern.compile("(?:^|[;{}=])\\s*(%{1,2})([\\w.-]*)$");
    private static final Pattern MAGIC_ARGUMENT = Pattern.compile("(?:^|[;{}=])\\s*%{1,2}[\\w.-]+\\s.*?([\\w$]*)$");
    private static final Set<String> KEYWORDS = Set.of("""
            new return int long double float boolean char byte short void class interface enum if else
            for while do switch case default break continue try catch finally throw import package
            public private protected static final abstract extends implements this super null true
            false instanceof
            """.split("\\s+"));

    private final Evaluator evaluator;
    private final KnownMagics magics;

    CodeAssistant(Evaluator evaluator, KnownMagics magics) {
        this.evaluator = evaluator;
        this.magics = magics;
    }

    /**
     * Completes code at a position.
     *
     * @param code the cell
     * @param cursor a position in it, in UTF-16 units
     * @return the proposals, best first; none when nothing fits
     */
    public Completion complete(String code, int cursor) {
        String before = code.substring(0, cursor);
        String line = before.substring(before.lastIndexOf('\n') + 1);
        Matcher magic = MAGIC.matcher(line);
        if (magic.find()) {
            boolean lineMagic = magic.group(1).length() == 1;
            int start = cursor - magic.group(2).length();
            List<Item> items = magics.startingWith(magic.group(2), lineMagic).stream()
                    .map(name -> new Item(name, "magic"))
                    .toList();
            return new Completion(start, cursor, items);
        }
        Matcher argument = MAGIC_ARGUMENT.matcher(line);
        if (argument.find()) {
            return variables(argument.group(1), cursor);
        }
        return evaluator.locked(() -> java(before, cursor));
    }

    private Completion variables(String prefix, int cursor) {
        List<Item> items = evaluator.locked(() -> evaluator
                .shell()
                .variables()
                .map(VarSnippet::name)
                .filter(name -> name.startsWith(prefix) && !name.startsWith("$"))
                .sorted()
                .map(name -> new Item(name, "instance"))
                .toList());
        return new Completion(cursor - prefix.length(), cursor, items);
    }

    private Completion java(String before, int cursor) {
        Context context = context(before);
        int[] anchor = new int[1];
        Set<String> seen = new LinkedHashSet<>();
        List<SourceCodeAnalysis.Suggestion> suggestions = evaluator
                .shell()
                .sourceCodeAnalysis()
                .completionSuggestions(context.text(), context.text().length(), anchor);
        suggestions.stream()
                .filter(SourceCodeAnalysis.Suggestion::matchesType)
                .forEach(s -> seen.add(s.continuation()));
        suggestions.forEach(s -> seen.add(s.continuation()));
        List<Item> items = new ArrayList<>();
        seen.forEach(text -> items.add(new Item(text, typeOf(text))));
        int start = cursor - (context.text().length() - anchor[0]);
        return new Completion(Math.max(0, Math.min(start, cursor)), cursor, items);
    }

    private static String typeOf(String text) {
        if (text.endsWith("(") || text.endsWith("()") || text.endsWith(")")) {
            return "function";
        }
        if (KEYWORDS.contains(text.strip())) {
            return "keyword";
        }
        return Character.isUpperCase(text.charAt(0)) ? "class" : "instance";
    }

    /** The snippet that a position is in, after the earlier snippets of its cell that may stand before it in a method. */
    private record Context(String text) {}

    private Context context(String before) {
        CellText text = MagicRewriter.rewrite(before, magics);
        List<Piece> pieces = evaluator.split(text);
        if (pieces.isEmpty()) {
            return new Context("");
        }
        StringBuilder known = new StringBuilder();
        for (Piece piece : pieces.subList(0, pieces.size() - 1)) {
            if (evaluator.syntax().isStatement(piece.source())) {
                known.append(piece.source()).append('\n');
            }
        }
        Piece last = pieces.get(pieces.size() - 1);
        return new Context(known + text.java().substring(last.start()));
    }

    /**
     * Documents what stands at a position.
     *
     * @param code the cell
     * @param cursor a position in it, in UTF-16 units; at the end of a name counts as in it
     * @return text/plain and text/html, or an empty map when there is nothing to tell
     */
    public Map<String, Object> inspect(String code, int cursor) {
        int end = cursor;
        while (end < code.length() && Character.isJavaIdentifierPart(code.charAt(end))) {
            end++;
        }
        int start = end;
        while (start > 0 && Character.isJavaIdentifierPart(code.charAt(start - 1))) {
            start--;
        }
        String name = code.substring(start, end);
        if (start > 0 && code.charAt(start - 1) == '%') {
            return magic(name, start < 2 || code.charAt(start - 2) != '%');
        }
        String upToName = code.substring(0, end);
        return evaluator.locked(() -> {
            List<SourceCodeAnalysis.Documentation> found = documentation(upToName);
            if (found.isEmpty() || isCalled(code, upToName.length())) {
                List<SourceCodeAnalysis.Documentation> calls = documentation(upToName + "(");
                found = calls.isEmpty() ? found : calls;
            }
            if (found.isEmpty() || name.isEmpty()) {
                int open = openParenthesis(upToName);
                found = found.isEmpty() && open >= 0 ? documentation(code.substring(0, open + 1)) : found;
            }
            VarSnippet variable = evaluator.variable(name);
            return found.isEmpty() && variable != null ? variable(variable) : Documented.bundle(found);
        });
    }

    private List<SourceCodeAnalysis.Documentation> documentation(String code) {
        String text = context(code).text();
        return evaluator.shell().sourceCodeAnalysis().documentation(text, text.length(), true);
    }

    private static boolean isCalled(String code, int end) {
        String rest = code.substring(end).stripLeading();
        return rest.startsWith("(");
    }

    /** The innermost parenthesis that is open at the end of a text, or -1. */
    private static int openParenthesis(String text) {
        int depth = 0;
        for (int i = text.length() - 1; i >= 0; i--) {
            char c = text.charAt(i);
            if (c == ')') {
                depth++;
            } else if (c == '(' && depth-- == 0) {
                return i;
            } else if (c == ';') {
                return -1;
            }
        }
        return -1;
    }

    private Map<String, Object> variable(VarSnippet variable) {
        return Documented.bundle(variable.typeName() + " " + variable.name(), "");
    }

    private Map<String, Object> magic(String name, boolean line) {
        if (!magics.startingWith(name, line).contains(name)) {
            return Map.of();
        }
        String type = magics.returnType(name, line);
        String mark = line ? "%" : "%%";
        String help = line ? "Run %" + name + " --help for its options, where it has any." : "";
        return Documented.bundle((type == null ? "" : type + " ") + mark + name, help);
    }

    /** Tells whether code can run as it is. */
    public Completeness completeness(String code) {
        String stripped = code.strip();
        if (stripped.startsWith("%%")) {
            boolean done = code.contains("\n")
                    && code.substring(code.lastIndexOf('\n')).isBlank();
            return new Completeness(done ? "complete" : "incomplete", "");
        }
        if (stripped.endsWith("\\")
                && stripped.substring(stripped.lastIndexOf('\n') + 1).contains("%")) {
            return new Completeness("incomplete", "");
        }
        return evaluator.locked(() -> evaluator.completeness(MagicRewriter.rewrite(code, magics)));
    }

    static Map<String, Object> ordered(String plain, String html) {
        Map<String, Object> bundle = new LinkedHashMap<>();
        bundle.put("text/plain", plain);
        bundle.put("text/html", html);
        return bundle;
    }
}
