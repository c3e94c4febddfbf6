package pomona.graph;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.SortedMap;
import java.util.StringJoiner;
import java.util.TreeMap;
import java.util.function.ToLongFunction;

/**
 * A whole number that may depend on symbols: a polynomial with whole coefficients, such as {@code 2*batch*sequence+1}.
 *
 * <p>Equal polynomials have equal texts, so that equal sizes are found equal. What is left of a division with a rest is a
 * symbol of its own, {@code floor((height+1)/2)}.
 */
final class SizeExpression {

    private static final int LONGEST_TEXT = 80;

    /** Products of more symbols first, then by name; the constant is last. */
    private static final Comparator<List<String>> ORDER =
            Comparator.<List<String>>comparingInt(f -> -f.size()).thenComparing(factors -> String.join("*", factors));

    private final SortedMap<List<String>, Long> terms;

    private SizeExpression(SortedMap<List<String>, Long> terms) {
        terms.values().removeIf(coefficient -> coefficient == 0);
        this.terms = Collections.unmodifiableSortedMap(terms);
    }

    static SizeExpression of(long value) {
        return term(List.of(), value);
    }

    /** Null when the dimension is unknown. */
    static SizeExpression of(Dimension dimension) {
        if (dimension.isFixed()) {
            return of(dimension.size());
        }
        return dimension.symbol().isEmpty() ? null : SizeExpressionParser.parse(dimension.symbol());
    }

    static SizeExpression symbol(String name) {
        return term(List.of(name), 1);
    }

    private static SizeExpression term(List<String> factors, long coefficient) {
        SortedMap<List<String>, Long> terms = new TreeMap<>(ORDER);
        terms.put(factors, coefficient);
        return new SizeExpression(terms);
    }

    boolean isConstant() {
        return terms.isEmpty() || terms.size() == 1 && terms.firstKey().isEmpty();
    }

    /** The number; 0 is the answer for what is not constant as well. */
    long constant() {
        return terms.getOrDefault(List.of(), 0L);
    }

    boolean is(long value) {
        return isConstant() && constant() == value;
    }

    SizeExpression plus(SizeExpression other) {
        SortedMap<List<String>, Long> sum = new TreeMap<>(terms);
        other.terms.forEach((factors, coefficient) -> sum.merge(factors, coefficient, Math::addExact));
        return new SizeExpression(sum);
    }

    SizeExpression plus(long value) {
        return plus(of(value));
    }

    SizeExpression minus(SizeExpression other) {
        return plus(other.times(-1));
    }

    SizeExpression times(long factor) {
        return times(of(factor));
    }

    SizeExpression times(SizeExpression other) {
        SortedMap<List<String>, Long> product = new TreeMap<>(ORDER);
        terms.forEach((mine, a) -> other.terms.forEach((theirs, b) -> {
            List<String> factors = new ArrayList<>(mine);
            factors.addAll(theirs);
            Collections.sort(factors);
            product.merge(factors, Math.multiplyExact(a, b), Math::addExact);
        }));
        return new SizeExpression(product);
    }

    /** The quotient when there is no rest whatever the symbols are, else null. */
    SizeExpression dividedBy(SizeExpression divisor) {
        if (divisor.terms.isEmpty()) {
            return null;
        }
        List<String> lead = divisor.terms.firstKey();
        SizeExpression quotient = quotientBy(lead, divisor.terms.get(lead), divisor.terms.size() > 1);
        return quotient != null && quotient.times(divisor).equals(this) ? quotient : null;
    }

    /** Divides each term by one product; terms that it does not divide are left out when {@code some}. */
    private SizeExpression quotientBy(List<String> lead, long coefficient, boolean some) {
        SortedMap<List<String>, Long> quotient = new TreeMap<>(ORDER);
        for (var term : terms.entrySet()) {
            List<String> rest = new ArrayList<>(term.getKey());
            boolean divides = lead.stream().allMatch(rest::remove) && term.getValue() % coefficient == 0;
            if (divides) {
                quotient.put(rest, term.getValue() / coefficient);
            } else if (!some) {
                return null;
            }
        }
        return new SizeExpression(quotient);
    }

    /** The quotient rounded down; the divisor is 1 or more. */
    SizeExpression floorDividedBy(long divisor) {
        SizeExpression whole = of(0);
        SizeExpression rest = of(0);
        for (var term : terms.entrySet()) {
            long coefficient = term.getValue();
            boolean constant = term.getKey().isEmpty();
            long part = constant || coefficient % divisor == 0 ? Math.floorDiv(coefficient, divisor) : 0;
            whole = whole.plus(term(term.getKey(), part));
            rest = rest.plus(term(term.getKey(), coefficient - part * divisor));
        }
        if (rest.isConstant()) {
            return whole;
        }
        String inner = rest.terms.size() == 1 ? rest.toString() : "(" + rest + ")";
        return whole.plus(symbol("floor(" + inner + "/" + divisor + ")"));
    }

    /** The quotient rounded up; the divisor is 1 or more. */
    SizeExpression ceilDividedBy(long divisor) {
        return plus(divisor - 1).floorDividedBy(divisor);
    }

    /** As a size; unknown when it is negative or too long to say. */
    Dimension toDimension() {
        if (isConstant()) {
            return constant() < 0 ? Dimension.UNKNOWN : Dimension.of(constant());
        }
        String text = toString();
        return text.length() > LONGEST_TEXT ? Dimension.UNKNOWN : Dimension.of(text);
    }

    /** The number for given values of the symbols. */
    long at(ToLongFunction<String> symbols) {
        long sum = 0;
        for (var term : terms.entrySet()) {
            long product = term.getValue();
            for (String factor : term.getKey()) {
                SizeExpressionParser.Floor floor = SizeExpressionParser.floor(factor);
                long value = floor == null
                        ? symbols.applyAsLong(factor)
                        : Math.floorDiv(floor.dividend().at(symbols), floor.divisor());
                product = Math.multiplyExact(product, value);
            }
            sum = Math.addExact(sum, product);
        }
        return sum;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof SizeExpression e && terms.equals(e.terms);
    }

    @Override
    public int hashCode() {
        return terms.hashCode();
    }

    @Override
    public String toString() {
        StringJoiner text = new StringJoiner("");
        for (var term : terms.entrySet()) {
            long coefficient = term.getValue();
            String sign = coefficient < 0 ? "-" : text.length() > 0 ? "+" : "";
            String product = String.join("*", term.getKey());
            long size = Math.abs(coefficient);
            text.add(sign).add(product.isEmpty() ? "" + size : size == 1 ? product : size + "*" + product);
        }
        return terms.isEmpty() ? "0" : text.toString();
    }
}
