package pomona.djl;

/**
 * How the elements of a resized axis are made of the old ones (ONNX, Resize).
 *
 * @param mode nearest, linear or cubic
 * @param coordinates how a place on the new axis is taken to one on the old axis
 * @param rounding which neighbour is the nearest one
 * @param cubic the coefficient a of cubic interpolation
 * @param excludesOutside whether neighbours outside of the axis weigh nothing; otherwise they are its border
 * @param smooths whether a shrinking axis is averaged over what each new element covers
 */
record Interpolation(
        String mode, String coordinates, String rounding, double cubic, boolean excludesOutside, boolean smooths) {

    static Interpolation upsample(String mode) {
        return new Interpolation(mode, "asymmetric", "floor", 0, false, false);
    }

    /** @param old whether the operator is of a set before 11, which knew one way only */
    static Interpolation of(Call call, boolean old) {
        String mode = call.node().text("mode", "nearest");
        if (old) {
            return upsample(mode);
        }
        return new Interpolation(
                mode,
                call.node().text("coordinate_transformation_mode", "half_pixel"),
                call.node().text("nearest_mode", "round_prefer_floor"),
                call.node().real("cubic_coeff_a", -0.75f),
                call.node().integer("exclude_outside", 0) != 0,
                call.node().integer("antialias", 0) != 0);
    }

    boolean isNearest() {
        return mode.equals("nearest");
    }

    /** Where each new element is taken from. */
    long[] nearest(long size, long target, double scale, double[] span) {
        long[] places = new long[Math.toIntExact(target)];
        for (int i = 0; i < target; i++) {
            double x = place(i, size, target, scale, span);
            double rounded =
                    switch (rounding) {
                        case "floor" -> Math.floor(x);
                        case "ceil" -> Math.ceil(x);
                        case "round_prefer_ceil" -> Math.floor(x + 0.5);
                        default -> Math.ceil(x - 0.5);
                    };
            places[i] = Math.max(0, Math.min((long) rounded, size - 1));
        }
        return places;
    }

    /** What each old element weighs in each new one, new ones in rows. */
    float[] weights(long size, long target, double scale, double[] span) {
        float[] weights = new float[Math.toIntExact(size * target)];
        double narrow = smooths ? Math.min(scale, 1) : 1;
        double radius = (mode.equals("cubic") ? 2 : 1) / narrow;
        for (int i = 0; i < target; i++) {
            double x = place(i, size, target, scale, span);
            int from = (int) Math.floor(x - radius) + 1;
            int to = (int) Math.ceil(x + radius) - 1;
            double[] row = new double[Math.max(1, to - from + 1)];
            double sum = 0;
            for (int k = 0; k < row.length; k++) {
                boolean counts = !excludesOutside || from + k >= 0 && from + k < size;
                row[k] = counts ? kernel(Math.abs(x - (from + k)) * narrow) : 0;
                sum += row[k];
            }
            for (int k = 0; k < row.length; k++) {
                int at = (int) Math.max(0, Math.min(from + k, size - 1));
                weights[Math.toIntExact(i * size + at)] += (float) (row[k] / sum);
            }
        }
        return weights;
    }

    /** The new elements whose place is not on the old axis, where that matters; else null. */
    boolean[] outside(long size, long target, double scale, double[] span) {
        if (!coordinates.equals("tf_crop_and_resize")) {
            return null;
        }
        boolean[] flags = new boolean[Math.toIntExact(target)];
        for (int i = 0; i < target; i++) {
            double x = place(i, size, target, scale, span);
            flags[i] = x < 0 || x > size - 1;
        }
        return flags;
    }

    private double kernel(double distance) {
        if (mode.equals("linear")) {
            return Math.max(0, 1 - distance);
        }
        if (distance <= 1) {
            return ((cubic + 2) * distance - (cubic + 3)) * distance * distance + 1;
        }
        return distance < 2 ? ((distance - 5) * distance + 8) * distance * cubic - 4 * cubic : 0;
    }

    private double place(int i, long size, long target, double scale, double[] span) {
        double length = scale * size;
        return switch (coordinates) {
            case "align_corners" -> length == 1 ? 0 : i * (size - 1) / (length - 1);
            case "asymmetric" -> i / scale;
            case "tf_crop_and_resize" -> {
                double[] part = span == null ? new double[] {0, 1} : span;
                double moved = length == 1
                        ? (part[1] - part[0]) * (size - 1) / 2
                        : i * (part[1] - part[0]) * (size - 1) / (length - 1);
                yield moved + part[0] * (size - 1);
            }
            case "pytorch_half_pixel" -> length == 1 ? -0.5 : (i + 0.5) / scale - 0.5;
            case "half_pixel_symmetric" -> size / 2.0 * (1 - target / length) + (i + 0.5) / scale - 0.5;
            case "half_pixel" -> (i + 0.5) / scale - 0.5;
            default ->
                throw new UnsupportedOperationException(
                        "coordinate_transformation_mode " + coordinates + " is not known");
        };
    }
}
