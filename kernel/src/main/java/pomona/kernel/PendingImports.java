package pomona.kernel;

import java.lang.reflect.Member;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Imports that a session begins with and makes when code first mentions what they may bring, since the compiler looks
 * through every import for every snippet.
 *
 * <p>Seen from cells nothing differs: a name that an import could bring makes that import before it is compiled.
 */
final class PendingImports {

    private static final Pattern IMPORT = Pattern.compile("import\\s+(static\\s+)?([\\w.]+?)(\\.\\*)?\\s*;");
    private static final Pattern ONLY_IMPORTS =
            Pattern.compile("(?:\\s*import\\s+(?:static\\s+)?[\\w.]+?(?:\\.\\*)?\\s*;)+\\s*");
    private static final Pattern DECLARED = Pattern.compile("\\b(?:class|interface|enum|record)\\s+(\\w+)");

    /** Imports that are made together, and what tells that they are needed. */
    private record Group(String source, Predicate<Set<String>> needed) {}

    private final List<Group> groups = new ArrayList<>();
    private final List<String> knownPackages;
    private final Map<String, Boolean> known = new ConcurrentHashMap<>();

    /**
     * Starts with nothing pending.
     *
     * @param knownPackages packages of the JDK whose types are imported already
     */
    PendingImports(List<String> knownPackages) {
        this.knownPackages = List.copyOf(knownPackages);
    }

    /** Whether a text holds imports and nothing else. */
    static boolean areImports(String source) {
        return ONLY_IMPORTS.matcher(source).matches();
    }

    /** Puts imports off. */
    synchronized void add(String source) {
        Set<String> names = ConcurrentHashMap.newKeySet();
        boolean anyType = false;
        Matcher one = IMPORT.matcher(source);
        while (one.find()) {
            boolean all = one.group(3) != null;
            if (one.group(1) != null && all) {
                names.addAll(staticNames(one.group(2)));
            } else if (all) {
                anyType = true;
            } else {
                names.add(one.group(2).substring(one.group(2).lastIndexOf('.') + 1));
            }
        }
        boolean types = anyType;
        groups.add(new Group(source, mentioned -> mentioned.stream()
                .anyMatch(name -> names.contains(name) || types && mayBeType(name))));
    }

    /** The imports that a text needs; they are pending no longer. */
    synchronized List<String> takeFor(String java) {
        if (groups.isEmpty()) {
            return List.of();
        }
        Set<String> mentioned = identifiers(java);
        DECLARED.matcher(java).results().forEach(found -> mentioned.remove(found.group(1)));
        List<String> taken = new ArrayList<>();
        for (Iterator<Group> each = groups.iterator(); each.hasNext(); ) {
            Group group = each.next();
            if (group.needed().test(mentioned)) {
                taken.add(group.source());
                each.remove();
            }
        }
        return taken;
    }

    /** All imports that are left; they are pending no longer. */
    synchronized List<String> takeAll() {
        List<String> taken = groups.stream().map(Group::source).toList();
        groups.clear();
        return taken;
    }

    /** A text's identifiers, but for those after a dot and those in comments and quotes. */
    private static Set<String> identifiers(String java) {
        Set<String> found = ConcurrentHashMap.newKeySet();
        char before = 0;
        int at = 0;
        while (at < java.length()) {
            char c = java.charAt(at);
            int end = CodeEnd.afterCommentOrQuote(java, at);
            if (end == at && Character.isJavaIdentifierStart(c)) {
                while (end < java.length() && Character.isJavaIdentifierPart(java.charAt(end))) {
                    end++;
                }
                if (before != '.') {
                    found.add(java.substring(at, end));
                }
            }
            before = Character.isWhitespace(c) ? before : java.charAt(Math.max(end, at + 1) - 1);
            at = Math.max(end, at + 1);
        }
        return found;
    }

    /** Whether a name looks like a type's and is none that the JDK's imports bring. */
    private boolean mayBeType(String name) {
        return Character.isUpperCase(name.charAt(0)) && !known.computeIfAbsent(name, this::isKnown);
    }

    private boolean isKnown(String name) {
        return knownPackages.stream().anyMatch(in -> exists(in + "." + name));
    }

    private static boolean exists(String type) {
        try {
            Class.forName(type, false, null);
            return true;
        } catch (ClassNotFoundException | LinkageError e) {
            return false;
        }
    }

    private static Set<String> staticNames(String type) {
        try {
            Class<?> holder = Class.forName(type, false, PendingImports.class.getClassLoader());
            List<Member> members = new ArrayList<>(Arrays.asList(holder.getMethods()));
            members.addAll(Arrays.asList(holder.getFields()));
            Set<String> names = members.stream().map(Member::getName).collect(Collectors.toSet());
            Arrays.stream(holder.getClasses()).map(Class::getSimpleName).forEach(names::add);
            return names;
        } catch (ClassNotFoundException | LinkageError e) {
            return Set.of();
        }
    }
}
