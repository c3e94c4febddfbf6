package pomona.kernel;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import jdk.jshell.SourceCodeAnalysis;
import pomona.kernel.CodeAssistant.Completion;
import pomona.kernel.CodeAssistant.Item;

/** Completes Java through JShell, and says of each proposal what it is. */
final class JavaCompletion {

    private static final Pattern PACKAGE = Pattern.compile("\\b(?:[a-z_]\\w*\\.)+(?=[A-Z])");
    private static final Pattern LOCAL = Pattern.compile("\\b((?:var|int|long|double|float|boolean|char|byte|short"
            + "|[A-Z]\\w*(?:<[^;=(){}]*>)?)(?:\\[])*)\\s+([\\w$]+)\\s*(?=[=;:,)])");
    private static final Set<String> KEYWORDS = Set.of("""
            new return int long double float boolean char byte short void class interface enum if else
            for while do switch case default break continue try catch finally throw import package
            public private protected static final abstract extends implements this super null true
            false instanceof
            """.split("\\s+"));

    private final Evaluator evaluator;
    private final Signatures signatures;

    JavaCompletion(Evaluator evaluator, ClassLoader classes) {
        this.evaluator = evaluator;
        this.signatures = new Signatures(evaluator, classes);
    }

    /**
     * Completes a text at its end.
     *
     * @param text Java that JShell understands
     * @param cursor where its end is in the cell
     */
    Completion complete(String text, int cursor) {
        return evaluator.locked(() -> {
            int[] anchor = new int[1];
            Set<String> seen = new LinkedHashSet<>();
            List<SourceCodeAnalysis.Suggestion> suggestions =
                    evaluator.shell().sourceCodeAnalysis().completionSuggestions(text, text.length(), anchor);
            suggestions.stream()
                    .filter(SourceCodeAnalysis.Suggestion::matchesType)
                    .forEach(s -> seen.add(s.continuation()));
            suggestions.forEach(s -> seen.add(s.continuation()));
            String before = text.substring(0, anchor[0]);
            List<Item> items = new ArrayList<>();
            String prefix = text.substring(anchor[0]);
            if (!prefix.isEmpty() && !before.stripTrailing().endsWith(".")) {
                addWhatJShellForgets(before, prefix, items, seen);
            }
            Signatures.Scope scope = seen.isEmpty() ? null : signatures.scope(before);
            seen.forEach(proposal -> items.add(item(proposal, scope)));
            int start = cursor - (text.length() - anchor[0]);
            return new Completion(Math.max(0, Math.min(start, cursor)), cursor, items);
        });
    }

    /** The variables that unfinished code declares, which come first, and keywords. */
    private static void addWhatJShellForgets(String before, String prefix, List<Item> items, Set<String> seen) {
        Matcher declared = LOCAL.matcher(before);
        while (declared.find()) {
            String name = declared.group(2);
            if (name.startsWith(prefix)
                    && items.stream().noneMatch(item -> item.text().equals(name))) {
                seen.remove(name);
                items.add(new Item(name, "instance", declared.group(1) + " " + name, ""));
            }
        }
        KEYWORDS.stream().filter(word -> word.startsWith(prefix)).sorted().forEach(seen::add);
    }

    private static Item item(String text, Signatures.Scope scope) {
        if (text.indexOf('(') > 0) {
            return new Item(text, "function", scope.method(text.substring(0, text.indexOf('('))), "");
        } else if (KEYWORDS.contains(text.strip())) {
            return new Item(text, "keyword", "", "");
        }
        String field = scope.field(text);
        if (!field.isEmpty()) {
            return new Item(text, "instance", field, "");
        }
        boolean isType = Character.isUpperCase(text.charAt(0));
        return new Item(text, isType ? "class" : "module", "", "");
    }

    /** A type's name without its packages. */
    static String brief(String type) {
        return PACKAGE.matcher(type).replaceAll("");
    }
}
