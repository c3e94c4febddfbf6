package pomona.prune;

import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * In what pieces weights are set to zero: one by one, in blocks of the weight matrix, or so many of every few.
 *
 * <p>A weight matrix has a row for each output feature and a column for each input feature; a convolution's kernel is
 * one such matrix for each place of the kernel. Blocks at the matrix' edges may be smaller.
 *
 * <p>Sources: blocks as in Narang et al., Block-Sparse Recurrent Neural Networks, 2017 (arXiv 1711.02782); N:M as in
 * Mishra et al., Accelerating Sparse Deep Neural Networks, 2021 (arXiv 2104.08378), section 3: of every M weights that
 * follow each other along the inputs, at most N are not zero.
 */
public final class Granularity {

    /** Each weight by itself. */
    public static final Granularity WEIGHT = new Granularity(Kind.WEIGHT, 1, 1);

    private static final Pattern BLOCK = Pattern.compile("(\\d{1,6})x(\\d{1,6})");
    private static final Pattern SOME_OF_MANY = Pattern.compile("(\\d{1,6}):(\\d{1,6})");

    private enum Kind {
        WEIGHT,
        BLOCK,
        SOME_OF_MANY
    }

    private final Kind kind;
    private final int first;
    private final int second;

    private Granularity(Kind kind, int first, int second) {
        this.kind = kind;
        this.first = first;
        this.second = second;
    }

    /**
     * Blocks of a weight matrix.
     *
     * @param rows output features in a block, 1 or more
     * @param columns input features in a block, 1 or more
     */
    public static Granularity block(int rows, int columns) {
        if (rows < 1 || columns < 1) {
            throw new IllegalArgumentException(
                    "Block " + rows + "x" + columns + " is empty; it has 1 or more rows and columns.");
        }
        return rows == 1 && columns == 1 ? WEIGHT : new Granularity(Kind.BLOCK, rows, columns);
    }

    /**
     * At most some of every few weights are kept.
     *
     * @param kept how many are kept, 1 or more and less than {@code of}
     * @param of how many weights stand together along the inputs, 2 or more
     */
    public static Granularity someOf(int kept, int of) {
        if (kept < 1 || kept >= of) {
            throw new IllegalArgumentException("Granularity " + kept + ":" + of
                    + " keeps " + kept + " of every " + of + " weights; the first number is from 1 up to but not"
                    + " including the second, as in 2:4.");
        }
        return new Granularity(Kind.SOME_OF_MANY, kept, of);
    }

    /** Reads {@code weight}, a block such as {@code 4x1} (rows x columns), or N:M such as {@code 2:4}. */
    public static Granularity parse(String text) {
        String given = text.strip();
        Matcher block = BLOCK.matcher(given);
        if (block.matches()) {
            return block(Integer.parseInt(block.group(1)), Integer.parseInt(block.group(2)));
        }
        Matcher some = SOME_OF_MANY.matcher(given);
        if (some.matches()) {
            return someOf(Integer.parseInt(some.group(1)), Integer.parseInt(some.group(2)));
        }
        if (given.equals("weight")) {
            return WEIGHT;
        }
        throw new IllegalArgumentException(
                "Granularity " + given + " is not known; it is weight, a block such as 4x1, or N:M such as 2:4.");
    }

    boolean isBlock() {
        return kind == Kind.BLOCK;
    }

    boolean isSomeOfMany() {
        return kind == Kind.SOME_OF_MANY;
    }

    /** Rows of a block; or how many weights of a group are kept. */
    int first() {
        return first;
    }

    /** Columns of a block; or how many weights are in a group. */
    int second() {
        return second;
    }

    /** The share of weights that N:M leaves zero. */
    double sparsity() {
        return 1 - (double) first / second;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Granularity g && g.kind == kind && g.first == first && g.second == second;
    }

    @Override
    public int hashCode() {
        return Objects.hash(kind, first, second);
    }

    /** The text that {@link #parse} reads. */
    @Override
    public String toString() {
        return switch (kind) {
            case WEIGHT -> "weight";
            case BLOCK -> first + "x" + second;
            case SOME_OF_MANY -> first + ":" + second;
        };
    }
}
