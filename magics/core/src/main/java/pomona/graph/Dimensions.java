package pomona.graph;

import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;

/** Arithmetic on dimensions of which some are symbols or unknown. */
final class Dimensions {

    private Dimensions() {}

    /** An expression as a dimension; null is unknown. */
    static Dimension of(SizeExpression expression) {
        return expression == null ? Dimension.UNKNOWN : expression.toDimension();
    }

    /** A dimension with something done to it, unknown when it is unknown. */
    static Dimension map(Dimension dimension, UnaryOperator<SizeExpression> change) {
        SizeExpression expression = SizeExpression.of(dimension);
        return expression == null ? Dimension.UNKNOWN : of(change.apply(expression));
    }

    static Dimension times(Dimension dimension, long factor) {
        return factor == 0 ? Dimension.of(0) : map(dimension, size -> size.times(factor));
    }

    static Dimension plus(Dimension dimension, long more) {
        return map(dimension, size -> size.plus(more));
    }

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

    /** What two descriptions of the same size say together. */
    static Dimension unite(Dimension left, Dimension right) {
        return left.isFixed() || !right.isFixed() && !left.equals(Dimension.UNKNOWN) ? left : right;
    }

    /** The product of dimensions. */
    static Dimension product(List<Dimension> factors) {
        return of(productOf(factors));
    }

    private static SizeExpression productOf(List<Dimension> factors) {
        SizeExpression product = SizeExpression.of(1);
        boolean unknown = false;
        for (Dimension factor : factors) {
            SizeExpression size = SizeExpression.of(factor);
            unknown |= size == null;
            product = size == null ? product : product.times(size);
        }
        return unknown && !product.is(0) ? null : product;
    }

    /** The product of some dimensions divided by that of others, when there is no rest; what both have cancels. */
    static Dimension quotient(List<Dimension> factors, List<Dimension> divisors) {
        List<Dimension> above = new ArrayList<>(factors);
        List<Dimension> below = new ArrayList<>();
        for (Dimension divisor : divisors) {
            if (divisor.equals(Dimension.UNKNOWN) || !above.remove(divisor)) {
                below.add(divisor);
            }
        }
        SizeExpression dividend = productOf(above);
        SizeExpression divisor = productOf(below);
        if (divisor != null && divisor.is(1)) {
            return above.size() == 1 ? above.get(0) : of(dividend);
        }
        return dividend == null || divisor == null || divisor.is(0)
                ? Dimension.UNKNOWN
                : of(dividend.dividedBy(divisor));
    }

    /** The sum of dimensions. */
    static Dimension sum(List<Dimension> terms) {
        SizeExpression sum = SizeExpression.of(0);
        for (Dimension term : terms) {
            SizeExpression size = SizeExpression.of(term);
            if (size == null) {
                return Dimension.UNKNOWN;
            }
            sum = sum.plus(size);
        }
        return terms.size() == 1 ? terms.get(0) : of(sum);
    }

    /** A shape of that rank of which nothing else is known. */
    static List<Dimension> unknown(int rank) {
        return java.util.Collections.nCopies(rank, Dimension.UNKNOWN);
    }
}
