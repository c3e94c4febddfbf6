package pomona.train;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.SplittableRandom;

/**
 * Shifts the images of a batch, each by some pixels up or down and left or right; what comes in at the border is zero.
 * Source: Simard, Steinkraus and Platt, Best Practices for Convolutional Neural Networks, 2003, section 2.
 */
final class Jitter {

    private final int pixels;
    private final SplittableRandom random;

    /**
     * @param pixels how far an image is shifted at most, 0 or more
     * @param seed the source of the shifts: the same ones for the same seed
     */
    Jitter(int pixels, long seed) {
        this.pixels = pixels;
        this.random = new SplittableRandom(seed);
    }

    /**
     * The batch with its images shifted, in arrays beside its own; other inputs stay as they are.
     *
     * @throws IllegalArgumentException if none of the inputs is of images
     */
    NDList shift(NDList batch) {
        if (pixels == 0) {
            return batch;
        }
        NDList shifted = new NDList();
        boolean found = false;
        for (NDArray input : batch) {
            long[] image = image(input);
            found |= image != null;
            shifted.add(image == null ? input : shift(input, image[0], image[1], image[2]));
        }
        if (!found) {
            throw new IllegalArgumentException("jitter is " + pixels + ", but a batch of the data is "
                    + batch.head().getShape() + " of " + batch.head().getDataType() + "; it shifts images, as floats of"
                    + " (records, channels, height, width) or of (records, pixels) of square ones.");
        }
        return shifted;
    }

    /** Channels, height and width; null when the array is not of images. */
    private static long[] image(NDArray input) {
        Shape shape = input.getShape();
        if (!input.getDataType().isFloating()) {
            return null;
        }
        if (shape.dimension() == 4) {
            return new long[] {shape.get(1), shape.get(2), shape.get(3)};
        }
        long side = shape.dimension() == 2 ? Math.round(Math.sqrt(shape.get(1))) : 0;
        return side > 1 && side * side == shape.get(1) ? new long[] {1, side, side} : null;
    }

    /** Looks each pixel up in the image with zeros around it, at the image's own offset. */
    private NDArray shift(NDArray input, long channels, long height, long width) {
        long records = input.getShape().get(0);
        NDManager manager = input.getManager();
        long wide = width + 2L * pixels;
        try (NDArray images = input.reshape(records, channels, height, width);
                NDArray padded = images.pad(new Shape(pixels, pixels, pixels, pixels), 0);
                NDArray rows = padded.reshape(records, channels, (height + 2L * pixels) * wide);
                NDArray places = places(manager, height, width, wide);
                NDArray offsets = manager.create(offsets((int) records, wide), new Shape(records, 1, 1));
                NDArray index = places.add(offsets);
                NDArray all = index.broadcast(records, channels, height * width);
                NDArray picked = rows.gather(all, 2)) {
            return picked.reshape(input.getShape());
        }
    }

    private static NDArray places(NDManager manager, long height, long width, long wide) {
        long[] places = new long[Math.toIntExact(height * width)];
        for (int i = 0; i < places.length; i++) {
            places[i] = i / width * wide + i % width;
        }
        return manager.create(places, new Shape(1, 1, places.length));
    }

    private long[] offsets(int records, long wide) {
        long[] offsets = new long[records];
        for (int i = 0; i < records; i++) {
            offsets[i] = random.nextInt(2 * pixels + 1) * wide + random.nextInt(2 * pixels + 1);
        }
        return offsets;
    }
}
