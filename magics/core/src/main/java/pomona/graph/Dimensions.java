package pomona.graph;

import java.util.ArrayList;
import java.util.List;

/** Arithmetic on dimensions of which some are symbols or unknown. */
final class Dimensions {

    private Dimensions() {}

    /** The shape of an element-wise operation on both, or null when a rank is unknown. */
    static List<Dimension> broadcast(List<Dimension> left, List<Dimension> right) {
        if (left == null || right == null) {
            return null;
        }
        int rank = Math.max(left.size(), right.size());
        List<Dimension> shape = new ArrayList<>(rank);
        for (int i = 0; i < rank; i++) {
            shape.add(broadcast(fromEnd(left, rank - i), fromEnd(right, rank - i)));
        }
        return shape;
    }

    private static Dimension fromEnd(List<Dimension> shape, int place) {
        return place > shape.size() ? Dimension.of(1) : shape.get(shape.size() - place);
    }

    private static Dimension broadcast(Dimension left, Dimension right) {
        if (left.size() == 1 || left.equals(right)) {
            return right;
        }
        if (right.size() == 1) {
            return left;
        }
        if (left.isFixed() != right.isFixed()) {
            return left.isFixed() ? left : right; // a symbol beside a size other than 1 must equal it, or be 1
        }
        if (left.isFixed() || !left.symbol().isEmpty() && !right.symbol().isEmpty()) {
            return Dimension.UNKNOWN;
        }
        // A symbol beside an unknown size: the symbol is the size of real data, so the other equals it, or is 1.
        return left.symbol().isEmpty() ? right : left;
    }

    /** The product of dimensions; a symbol survives when everything else is 1. */
    static Dimension product(List<Dimension> factors) {
        return quotient(factors, List.of());
    }

    /** The product of some dimensions divided by that of others; equal symbols cancel. */
    static Dimension quotient(List<Dimension> factors, List<Dimension> divisors) {
        List<Dimension> rest = new ArrayList<>();
        List<Dimension> cancelled = new ArrayList<>(divisors);
        long above = 1;
        for (Dimension factor : factors) {
            if (factor.isFixed()) {
                above = Math.multiplyExact(above, factor.size());
            } else if (factor.symbol().isEmpty() || !cancelled.remove(factor)) {
                rest.add(factor);
            }
        }
        long below = 1;
        for (Dimension divisor : cancelled) {
            if (!divisor.isFixed()) {
                return Dimension.UNKNOWN;
            }
            below = Math.multiplyExact(below, divisor.size());
        }
        if (below == 0 || above % below != 0) {
            return Dimension.UNKNOWN;
        }
        if (rest.isEmpty()) {
            return Dimension.of(above / below);
        }
        return rest.size() == 1 && above == below ? rest.get(0) : Dimension.UNKNOWN;
    }

    /** The sum of dimensions. */
    static Dimension sum(List<Dimension> terms) {
        Dimension only = null;
        long sum = 0;
        for (Dimension term : terms) {
            if (term.isFixed()) {
                sum += term.size();
            } else if (only != null) {
                return Dimension.UNKNOWN;
            } else {
                only = term;
            }
        }
        if (only == null) {
            return Dimension.of(sum);
        }
        return sum == 0 ? only : Dimension.UNKNOWN;
    }

    /** A shape of that rank of which nothing else is known. */
    static List<Dimension> unknown(int rank) {
        return java.util.Collections.nCopies(rank, Dimension.UNKNOWN);
    }
}
