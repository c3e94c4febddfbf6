package pomona.torchscript;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import pomona.graph.ElementType;
import pomona.graph.Tensor;

/** Makes tensors of their descriptions in pickled data and of the files that hold their elements. */
final class Storages {

    private static final Map<String, ElementType> TYPES = Map.of(
            "torch.FloatStorage", ElementType.FLOAT,
            "torch.HalfStorage", ElementType.FLOAT16,
            "torch.BFloat16Storage", ElementType.BFLOAT16,
            "torch.DoubleStorage", ElementType.DOUBLE,
            "torch.LongStorage", ElementType.INT64,
            "torch.IntStorage", ElementType.INT32,
            "torch.ShortStorage", ElementType.INT16,
            "torch.CharStorage", ElementType.INT8,
            "torch.ByteStorage", ElementType.UINT8,
            "torch.BoolStorage", ElementType.BOOL);

    private static final List<String> REBUILDERS =
            List.of("torch._utils._rebuild_tensor_v2", "torch._utils._rebuild_tensor");

    /**
     * Where a tensor lies.
     *
     * @param entry the file that holds its storage
     * @param type the type of its elements
     * @param offset its first element in the storage
     * @param shape its dimensions
     * @param strides how many elements lie between two neighbours along each
     */
    record Place(Archive.Entry entry, ElementType type, long offset, long[] shape, long[] strides) {

        boolean isContiguous() {
            long expected = 1;
            for (int d = shape.length - 1; d >= 0; d--) {
                if (shape[d] != 1 && strides[d] != expected) {
                    return false;
                }
                expected = Math.multiplyExact(expected, shape[d]);
            }
            return true;
        }

        long size() {
            return Arrays.stream(shape).reduce(1, Math::multiplyExact);
        }
    }

    private final Archive archive;
    private final String folder;

    /** Tensors whose storages are files of that folder. */
    Storages(Archive archive, String folder) {
        this.archive = archive;
        this.folder = folder;
    }

    /** Whether pickled data describes a tensor. */
    static boolean isTensor(Object value) {
        return value instanceof Pickle.Call call
                && REBUILDERS.contains(call.function().name());
    }

    Place place(Object description) {
        try {
            List<?> arguments = ((Pickle.Call) description).arguments();
            List<?> id = (List<?>) ((Pickle.Persistent) arguments.get(0)).id();
            ElementType type = TYPES.get(((Pickle.Global) id.get(1)).name());
            if (type == null) {
                throw new IllegalArgumentException(
                        "a tensor is a " + ((Pickle.Global) id.get(1)).name() + ", which is not known.");
            }
            Place place = new Place(
                    archive.entry(folder + "/" + id.get(2)),
                    type,
                    (Long) arguments.get(1),
                    longs(arguments.get(2)),
                    longs(arguments.get(3)));
            if (place.shape().length != place.strides().length
                    || Arrays.stream(place.shape()).anyMatch(d -> d < 0)) {
                throw new IllegalArgumentException("a tensor has the shape " + Arrays.toString(place.shape())
                        + " and the strides " + Arrays.toString(place.strides()) + ".");
            }
            return place;
        } catch (ClassCastException | IndexOutOfBoundsException e) {
            throw new IllegalArgumentException("a tensor is described in a way that PyTorch does not write.", e);
        }
    }

    private static long[] longs(Object list) {
        return ((List<?>) list).stream().mapToLong(v -> (Long) v).toArray();
    }

    Tensor tensor(Place place) {
        try {
            int width = place.type().bits() / 8;
            if (place.isContiguous()) {
                long offset = Math.multiplyExact(place.offset(), (long) width);
                return Tensor.of(
                        place.type(),
                        archive.stretch(place.entry(), offset, Math.multiplyExact(place.size(), (long) width)),
                        place.shape());
            }
            return gathered(place, width);
        } catch (ArithmeticException e) {
            throw new IllegalArgumentException(
                    "a tensor has the shape " + Arrays.toString(place.shape()) + ", which no machine can hold.", e);
        }
    }

    /** A copy in order of a tensor that lies otherwise, such as a transposed one. */
    private Tensor gathered(Place place, int width) {
        long size = place.size();
        if (size * width > place.entry().size()) {
            throw new IllegalArgumentException("a tensor of " + size + " elements repeats those of a storage of "
                    + place.entry().size() + " bytes.");
        }
        ByteBuffer storage =
                archive.stretch(place.entry(), 0, place.entry().size()).get(0);
        ByteBuffer bytes = ByteBuffer.allocate(Math.toIntExact(size * width)).order(ByteOrder.LITTLE_ENDIAN);
        long[] index = new long[place.shape().length];
        for (long i = 0; i < size; i++) {
            long at = place.offset();
            for (int d = 0; d < index.length; d++) {
                at = Math.addExact(at, Math.multiplyExact(index[d], place.strides()[d]));
            }
            if (at < 0 || at >= storage.limit() / width) {
                throw new IllegalArgumentException("a tensor has elements outside of its storage.");
            }
            bytes.put(storage.slice((int) at * width, width));
            for (int d = index.length - 1; d >= 0 && ++index[d] == place.shape()[d]; d--) {
                index[d] = 0;
            }
        }
        return Tensor.of(place.type(), bytes.flip(), place.shape());
    }
}
