package pomona.graph;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A weight whose elements are places in a list of values, one or several of them in a byte.
 *
 * @param codes the bytes
 * @param values the values, in the order of the places
 * @param base how many different places there are where several are in a byte; each is a digit, the first one the last
 * @param each how many places are in a byte
 * @param places how many places there are
 * @param size the number of elements: that of the places, or more when elements without a place are zero
 */
public record CodebookWeight(Tensor codes, float[] values, int base, int each, long places, long size)
        implements ParameterCount {

    /** Such weights of a network by the name of their bytes, with the weights that only say what the bytes mean. */
    static Map<String, ParameterCount> of(Network network) {
        Map<String, ParameterCount> found = new LinkedHashMap<>();
        Map<String, Node> producers = network.graph().producers();
        List<Node> lookUps = network.nodes().stream()
                .filter(node -> isLookUp(node, network, producers))
                .toList();
        if (!lookUps.isEmpty()) {
            Map<String, Value> shapes = ShapeInference.of(network);
            Map<String, List<Node>> consumers = network.graph().consumers();
            for (Node node : lookUps) {
                List<Node> takers = consumers.getOrDefault(node.output(), List.of());
                add(node, takers.isEmpty() ? node : takers.get(0), network, producers, shapes, found);
            }
        }
        return found;
    }

    /** Whether a network has such weights. */
    public static boolean isIn(Network network) {
        Map<String, Node> producers = network.graph().producers();
        return network.nodes().stream().anyMatch(node -> isLookUp(node, network, producers));
    }

    /** Whether an operator looks up the values of a codebook for a weight. */
    public static boolean isLookUp(Node node, Network network, Map<String, Node> producers) {
        if (!node.is("Gather")) {
            return false;
        }
        Tensor values = network.weights().get(codebook(node, producers));
        Tensor stored = network.weights().get(stored(node.input(1), producers));
        return values != null
                && values.rank() == 1
                && values.type().isFloating()
                && stored != null
                && stored.type() == ElementType.UINT8;
    }

    private static String codebook(Node lookUp, Map<String, Node> producers) {
        Node zero = producers.get(lookUp.input(0));
        return zero != null && zero.is("Pad") ? zero.input(0) : lookUp.input(0);
    }

    private static String stored(String places, Map<String, Node> producers) {
        String value = places;
        while (producers.get(value) != null && !producers.get(value).inputs().isEmpty()) {
            value = producers.get(value).input(0);
        }
        return value;
    }

    private static void add(
            Node lookUp,
            Node taker,
            Network network,
            Map<String, Node> producers,
            Map<String, Value> shapes,
            Map<String, ParameterCount> found) {
        String bytes = stored(lookUp.input(1), producers);
        String codebook = codebook(lookUp, producers);
        Tensor codes = network.weight(bytes);
        boolean zero = !codebook.equals(lookUp.input(0));
        float[] values = network.weight(codebook).toFloatArray();
        if (zero) {
            float[] with = new float[values.length + 1];
            System.arraycopy(values, 0, with, 1, values.length);
            values = with;
        }
        int base = values.length;
        int each = 1;
        for (String value = lookUp.input(1);
                producers.containsKey(value);
                value = producers.get(value).input(0)) {
            Node maker = producers.get(value);
            Tensor divisors = maker.is("Div") ? network.weights().get(maker.input(1)) : null;
            Tensor modulus = maker.is("Mod") ? network.weights().get(maker.input(1)) : null;
            each = divisors == null ? each : Math.toIntExact(divisors.size());
            base = modulus == null ? base : (int) modulus.toLongArray()[0];
            if (maker.inputs().isEmpty()) {
                break;
            }
        }
        long places = elements(shapes.get(lookUp.output()), codes.size() * each);
        boolean gaps = taker.is("ScatterElements");
        long size = gaps ? elements(shapes.get(taker.output()), places) : places;
        found.put(bytes, new CodebookWeight(codes, values, base, each, places, size));
        found.put(codebook, NONE);
        if (gaps) {
            found.put(stored(taker.input(1), producers), NONE);
        } else if (taker.is("Mul")) {
            found.put(taker.input(1), NONE);
        }
    }

    private static long elements(Value value, long otherwise) {
        boolean known =
                value != null && value.shape() != null && value.shape().stream().allMatch(Dimension::isFixed);
        return known ? value.shape().stream().mapToLong(Dimension::size).reduce(1, (a, b) -> a * b) : otherwise;
    }

    @Override
    public long nonZeros() {
        int[] inByte = new int[256];
        Arrays.setAll(inByte, code -> nonZeros(code, each));
        long whole = places / each;
        long count = count(codes, whole, inByte);
        int left = (int) (places % each);
        return left == 0
                ? count
                : count + nonZeros(codes.stretch(whole, whole + 1).slice().get(0) & 0xFF, left);
    }

    private static long count(Tensor codes, long end, int[] inByte) {
        return codes.stretches().parallelStream()
                .mapToLong(stretch -> {
                    ByteBuffer bytes = stretch.slice();
                    long sum = 0;
                    long most = Math.min(stretch.size(), end - stretch.from());
                    for (int i = 0; i < most; i++) {
                        sum += inByte[bytes.get(i) & 0xFF];
                    }
                    return sum;
                })
                .sum();
    }

    /** How many of the first places in a byte are those of values that are not zero. */
    private int nonZeros(int code, int first) {
        int count = 0;
        int rest = code;
        for (int digit = 0; digit < first; digit++) {
            int place = each == 1 ? rest : rest % base;
            count += place < values.length && values[place] != 0 ? 1 : 0;
            rest /= base;
        }
        return count;
    }
}
