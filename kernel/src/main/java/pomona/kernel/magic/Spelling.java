package pomona.kernel.magic;

import java.util.Collection;
import java.util.Comparator;
import java.util.List;

/** Finds the names that somebody may have meant, by Levenshtein's distance. */
public final class Spelling {

    private Spelling() {}

    /** Up to three names that are spelled almost like a wrong one, or go on from it; the nearest first. */
    public static List<String> nearest(String name, Collection<String> known) {
        int most = Math.min(name.length() - 1, Math.max(name.length() > 3 ? 2 : 1, name.length() / 3));
        return known.stream()
                .filter(other -> distance(name, other) <= most || other.startsWith(name))
                .sorted(Comparator.comparingInt(other -> distance(name, other)))
                .limit(3)
                .toList();
    }

    private static int distance(String a, String b) {
        int[] row = new int[b.length() + 1];
        for (int j = 0; j <= b.length(); j++) {
            row[j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                int replaced = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.min(replaced, 1 + Math.min(row[j], row[j - 1]));
            }
        }
        return row[b.length()];
    }
}
