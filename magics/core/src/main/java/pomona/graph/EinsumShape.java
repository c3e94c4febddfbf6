package pomona.graph;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/** The shape rule of Einsum: letters name dimensions, an ellipsis stands for those that broadcast. */
final class EinsumShape {

    private EinsumShape() {}

    static List<Dimension> of(ShapeContext context) {
        String equation = context.node().text("equation", "").replace(" ", "");
        int arrow = equation.indexOf("->");
        String[] terms = (arrow < 0 ? equation : equation.substring(0, arrow)).split(",", -1);
        Map<Character, Dimension> letters = new HashMap<>();
        List<Dimension> ellipsis = List.of();
        for (int i = 0; i < terms.length; i++) {
            List<Dimension> shape = context.shape(i);
            if (shape == null) {
                return null;
            }
            String term = terms[i];
            int dots = term.indexOf("...");
            int before = dots < 0 ? term.length() : dots;
            int after = dots < 0 ? 0 : term.length() - dots - 3;
            name(letters, term.substring(0, before), shape.subList(0, before));
            if (dots >= 0) {
                ellipsis = Dimensions.broadcast(ellipsis, shape.subList(before, shape.size() - after));
                name(letters, term.substring(dots + 3), shape.subList(shape.size() - after, shape.size()));
            }
        }
        String output = arrow < 0 ? implicit(terms) : equation.substring(arrow + 2);
        return shape(output, letters, ellipsis);
    }

    private static void name(Map<Character, Dimension> letters, String term, List<Dimension> shape) {
        for (int i = 0; i < term.length(); i++) {
            Dimension known = letters.get(term.charAt(i));
            boolean one = known != null && known.size() == 1;
            letters.put(term.charAt(i), known == null || one ? shape.get(i) : Dimensions.unite(known, shape.get(i)));
        }
    }

    /** Without an arrow: the ellipsis, then the letters that stand once, in order. */
    private static String implicit(String[] terms) {
        String all = String.join("", terms);
        StringBuilder output = new StringBuilder(all.contains("...") ? "..." : "");
        for (int letter :
                all.replace(".", "").chars().boxed().collect(java.util.stream.Collectors.toCollection(TreeSet::new))) {
            if (all.indexOf(letter) == all.lastIndexOf(letter)) {
                output.append((char) letter);
            }
        }
        return output.toString();
    }

    private static List<Dimension> shape(String output, Map<Character, Dimension> letters, List<Dimension> ellipsis) {
        List<Dimension> shape = new ArrayList<>();
        for (char letter : output.replace("...", ".").toCharArray()) {
            if (letter == '.') {
                shape.addAll(ellipsis);
            } else {
                shape.add(letters.getOrDefault(letter, Dimension.UNKNOWN));
            }
        }
        return shape;
    }
}
