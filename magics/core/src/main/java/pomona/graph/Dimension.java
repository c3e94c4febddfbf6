package pomona.graph;

/**
 * One dimension of a shape: a size, a symbol such as {@code batch}, an expression of symbols such as {@code
 * 2*sequence+1}, or unknown.
 *
 * @param size the size, or -1 when it is not fixed
 * @param symbol the symbol or expression, or the empty string
 */
public record Dimension(long size, String symbol) {

    /** A dimension of which nothing is known. */
    public static final Dimension UNKNOWN = new Dimension(-1, "");

    public Dimension {
        if (size < -1) {
            throw new IllegalArgumentException("A dimension of size " + size + " is not possible; it is 0 or more.");
        }
    }

    /** A fixed size. */
    public static Dimension of(long size) {
        return new Dimension(size, "");
    }

    /** A symbolic size: equal symbols are equal sizes. */
    public static Dimension of(String symbol) {
        return new Dimension(-1, symbol);
    }

    /** Whether the size is a number. */
    public boolean isFixed() {
        return size >= 0;
    }

    /**
     * The size for given sizes of the symbols.
     *
     * @param symbols says the size of each symbol
     * @return the size, or -1 when nothing is known of this dimension
     */
    public long at(java.util.function.ToLongFunction<String> symbols) {
        if (isFixed()) {
            return size;
        }
        return symbol.isEmpty() ? -1 : SizeExpression.of(this).at(symbols);
    }

    @Override
    public String toString() {
        return isFixed() ? Long.toString(size) : symbol.isEmpty() ? "?" : symbol;
    }
}
