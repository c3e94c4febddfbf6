package pomona.pass;

import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** Finds the names that somebody may have meant, by edit distance (Levenshtein 1966). */
public final class NearestNames {

    private static final int MOST = 3;

    /** How many names are listed when none is near. */
    private static final int SHOWN = 12;

    private NearestNames() {}

    /** The end of an error message: {@code "; did you mean a or b?"}, or what there is when nothing is near. */
    public static String suggest(String wrong, Collection<String> names) {
        List<String> near = of(wrong, names);
        if (!near.isEmpty()) {
            return "; did you mean " + String.join(" or ", near) + "?";
        }
        if (names.isEmpty()) {
            return ".";
        }
        String more = names.size() > SHOWN ? " and " + (names.size() - SHOWN) + " more." : ".";
        return "; there is " + names.stream().limit(SHOWN).collect(Collectors.joining(", ")) + more;
    }

    /** The nearest names, best first; empty when none is near. */
    public static List<String> of(String wrong, Collection<String> names) {
        int most = Math.max(1, wrong.length() / 3);
        String lower = wrong.toLowerCase(Locale.ROOT);
        return names.stream()
                .filter(name -> distance(lower, name.toLowerCase(Locale.ROOT)) <= most)
                .sorted(Comparator.comparingInt((String name) -> distance(lower, name.toLowerCase(Locale.ROOT))))
                .limit(MOST)
                .toList();
    }

    static int distance(String a, String b) {
        int[] row = new int[b.length() + 1];
        for (int j = 0; j <= b.length(); j++) {
            row[j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                int substitute = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.min(substitute, 1 + Math.min(row[j], row[j - 1]));
            }
        }
        return row[b.length()];
    }
}
