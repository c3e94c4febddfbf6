package pomona.structure;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import pomona.graph.Tensor;

/** Picks places of one axis of a tensor. */
final class Picking {

    private Picking() {}

    /**
     * The tensor with only those places of an axis, in that order.
     *
     * @param tensor of a type whose elements are whole bytes
     */
    static Tensor of(Tensor tensor, int axis, int[] places) {
        int width = tensor.type().bits() / 8;
        int block = width;
        for (int i = axis + 1; i < tensor.rank(); i++) {
            block = Math.multiplyExact(block, Math.toIntExact(tensor.dim(i)));
        }
        int outer = 1;
        for (int i = 0; i < axis; i++) {
            outer *= Math.toIntExact(tensor.dim(i));
        }
        int size = Math.toIntExact(tensor.dim(axis));
        ByteBuffer source = tensor.data();
        ByteBuffer target = ByteBuffer.allocate(Math.toIntExact((long) outer * places.length * block))
                .order(ByteOrder.LITTLE_ENDIAN);
        for (int o = 0; o < outer; o++) {
            for (int place : places) {
                target.put(source.slice((o * size + place) * block, block));
            }
        }
        long[] shape = tensor.shape();
        shape[axis] = places.length;
        return Tensor.of(tensor.type(), target.flip(), shape);
    }
}
