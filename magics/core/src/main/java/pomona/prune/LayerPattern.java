package pomona.prune;

import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import pomona.graph.LayerWeight;

/** Chooses layers by name: {@code *} stands for any text, {@code ?} for one character, commas separate patterns. */
final class LayerPattern {

    private final String text;

    LayerPattern(String text) {
        this.text = text;
    }

    List<LayerWeight> select(String network, List<LayerWeight> candidates) {
        Set<LayerWeight> chosen = new LinkedHashSet<>();
        for (String glob : text.split(",")) {
            Pattern pattern = compile(glob.strip());
            List<LayerWeight> matches = candidates.stream()
                    .filter(weight -> pattern.matcher(weight.layer()).matches()
                            || pattern.matcher(weight.name()).matches())
                    .toList();
            if (matches.isEmpty()) {
                throw new IllegalArgumentException("No layer of network " + network + " is named " + glob.strip()
                        + "; the nearest names are " + nearest(glob.strip(), candidates) + ".");
            }
            chosen.addAll(matches);
        }
        return candidates.stream().filter(chosen::contains).toList();
    }

    private static Pattern compile(String glob) {
        String regex = Arrays.stream(glob.split("(?<=[*?])|(?=[*?])"))
                .map(part -> part.equals("*") ? ".*" : part.equals("?") ? "." : Pattern.quote(part))
                .collect(Collectors.joining());
        return Pattern.compile(regex, Pattern.DOTALL);
    }

    private static String nearest(String glob, List<LayerWeight> candidates) {
        return candidates.stream()
                .flatMap(weight -> List.of(weight.layer(), weight.name()).stream())
                .distinct()
                .sorted(Comparator.comparingInt(name -> distance(glob, name)))
                .limit(3)
                .collect(Collectors.joining(", "));
    }

    /** The number of letters to insert, delete or replace to make one text of the other. */
    static int distance(String from, String to) {
        String a = from.toLowerCase(Locale.ROOT);
        String b = to.toLowerCase(Locale.ROOT);
        int[] row = new int[b.length() + 1];
        Arrays.setAll(row, j -> j);
        for (int i = 1; i <= a.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                int replace = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.min(replace, 1 + Math.min(row[j], row[j - 1]));
            }
        }
        return row[b.length()];
    }
}
