package pomona.structure;

import java.util.Arrays;

/** Channels that can only go together, as disjoint sets of numbers; a set may be fixed, and says why. */
final class Units {

    /**
     * Why a set stays.
     *
     * @param reason a part of a sentence
     * @param unknown whether the reason is an operator that is not understood, which is said to the user
     */
    record Fixed(String reason, boolean unknown) {}

    private int[] parent = new int[1 << 10];
    private Fixed[] fixed = new Fixed[1 << 10];
    private int count;

    /** New sets of one channel each. */
    int[] fresh(int size) {
        if (count + size > parent.length) {
            int capacity = Math.max(2 * parent.length, count + size);
            parent = Arrays.copyOf(parent, capacity);
            fixed = Arrays.copyOf(fixed, capacity);
        }
        int[] made = new int[size];
        for (int i = 0; i < size; i++) {
            parent[count] = count;
            made[i] = count++;
        }
        return made;
    }

    int count() {
        return count;
    }

    /** The number of a channel's set. */
    int find(int unit) {
        int root = unit;
        while (parent[root] != root) {
            parent[root] = parent[parent[root]];
            root = parent[root];
        }
        return root;
    }

    void join(int left, int right) {
        int a = find(left);
        int b = find(right);
        if (a != b) {
            // The smaller number leads, so that the result does not depend on the order of joins.
            int lead = Math.min(a, b);
            int other = Math.max(a, b);
            parent[other] = lead;
            fixed[lead] = stronger(fixed[lead], fixed[other]);
        }
    }

    void join(int[] left, int[] right) {
        for (int i = 0; i < left.length; i++) {
            join(left[i], right[i]);
        }
    }

    void fix(int[] channels, Fixed why) {
        for (int channel : channels) {
            int root = find(channel);
            fixed[root] = stronger(fixed[root], why);
        }
    }

    /** Why a channel stays, or null when it may go. */
    Fixed fixed(int unit) {
        return fixed[find(unit)];
    }

    private static Fixed stronger(Fixed left, Fixed right) {
        return left == null || right != null && right.unknown() && !left.unknown() ? right : left;
    }
}
