import java.util.List;

/** Reads the most probable text out of a recognizer's probabilities, and counts wrong characters. */
final class Reading {

    private Reading() {}

    /** Connectionist temporal classification, greedily: repeated symbols are one, and the first symbol is none. */
    static String text(float[] probabilities, int from, int steps, List<String> symbols) {
        int classes = symbols.size() + 2;
        StringBuilder text = new StringBuilder();
        int last = 0;
        for (int step = 0; step < steps; step++) {
            int best = 0;
            int row = from + step * classes;
            for (int c = 1; c < classes; c++) {
                best = probabilities[row + c] > probabilities[row + best] ? c : best;
            }
            if (best != 0 && best != last) {
                text.append(best <= symbols.size() ? symbols.get(best - 1) : " ");
            }
            last = best;
        }
        return text.toString();
    }

    /** The fewest characters to insert, delete and replace. */
    static int distance(String a, String b) {
        int[] row = new int[b.length() + 1];
        for (int j = 0; j < row.length; j++) {
            row[j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j < row.length; j++) {
                int changed = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.min(changed, Math.min(row[j], row[j - 1]) + 1);
            }
        }
        return row[b.length()];
    }
}
