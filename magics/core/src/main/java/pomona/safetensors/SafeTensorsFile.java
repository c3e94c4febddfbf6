package pomona.safetensors;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadFeature;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import pomona.graph.MappedFile;
import pomona.graph.Tensor;

/**
 * One file: the length of its header in 8 bytes, the header in JSON, and the bytes of all weights without gaps.
 *
 * @param tensors the weights, in the order of their places
 * @param metadata the texts of the header's entry {@code __metadata__}
 */
record SafeTensorsFile(Map<String, Tensor> tensors, Map<String, String> metadata) {

    /** The name of the header's entry that is no weight. */
    static final String METADATA = "__metadata__";

    /** The largest header that the format allows. */
    static final long MOST_HEADER = 100_000_000;

    private static final JsonFactory JSON = JsonFactory.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .build();

    /** What the header says of one weight. */
    private record Entry(String name, Dtype dtype, long[] shape, long begin, long end) {}

    static SafeTensorsFile open(Path path) {
        try {
            return read(MappedFile.open(path));
        } catch (IllegalArgumentException | ArithmeticException e) {
            throw new IllegalArgumentException(path + " is not a safetensors file: " + e.getMessage());
        }
    }

    private static SafeTensorsFile read(MappedFile file) {
        if (file.size() < 10) {
            throw new IllegalArgumentException("it has " + file.size() + " bytes, the smallest has 10.");
        }
        // First, since the length that another file seems to give means nothing.
        if (file.stretch(8, 1).get(0).get(0) != '{') {
            throw new IllegalArgumentException("its header does not begin with a brace.");
        }
        long length = file.stretch(0, 8).get(0).order(ByteOrder.LITTLE_ENDIAN).getLong();
        if (length < 2 || length > MOST_HEADER || length > file.size() - 8) {
            throw new IllegalArgumentException("its header is said to have " + Long.toUnsignedString(length)
                    + " bytes, in a file of " + file.size() + "; a header has at most " + MOST_HEADER + ".");
        }
        ByteBuffer header = file.stretch(8, length).get(0);
        byte[] bytes = new byte[(int) length];
        header.get(bytes);
        List<Entry> entries = new ArrayList<>();
        Map<String, String> metadata = new LinkedHashMap<>();
        try (JsonParser json = JSON.createParser(bytes)) {
            header(json, entries, metadata);
        } catch (IOException e) {
            throw new IllegalArgumentException("its header is not in order: " + firstLine(e.getMessage()), e);
        }
        return new SafeTensorsFile(tensors(file, 8 + length, entries), metadata);
    }

    private static void header(JsonParser json, List<Entry> entries, Map<String, String> metadata) throws IOException {
        json.nextToken();
        while (json.nextToken() == JsonToken.FIELD_NAME) {
            String name = json.currentName();
            require(json.nextToken() == JsonToken.START_OBJECT, json, name + " is no object");
            if (name.equals(METADATA)) {
                while (json.nextToken() == JsonToken.FIELD_NAME) {
                    String key = json.currentName();
                    require(json.nextToken() == JsonToken.VALUE_STRING, json, METADATA + " " + key + " is no text");
                    metadata.put(key, json.getText());
                }
            } else {
                entries.add(entry(json, name));
            }
        }
        require(json.nextToken() == null, json, "something follows it");
    }

    private static Entry entry(JsonParser json, String name) throws IOException {
        Dtype dtype = null;
        long[] shape = null;
        long[] offsets = null;
        while (json.nextToken() == JsonToken.FIELD_NAME) {
            String key = json.currentName();
            json.nextToken();
            switch (key) {
                case "dtype" -> dtype = dtype(name, json.getText());
                case "shape" -> shape = numbers(json, name + " shape");
                case "data_offsets" -> offsets = numbers(json, name + " data_offsets");
                default -> throw new IOException(name + " has an unknown entry " + key);
            }
        }
        boolean whole = dtype != null && shape != null && offsets != null && offsets.length == 2;
        require(whole, json, name + " has no dtype, shape or two data_offsets");
        return new Entry(name, dtype, shape, offsets[0], offsets[1]);
    }

    private static Dtype dtype(String weight, String name) {
        try {
            return Dtype.named(name);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("weight " + weight + ": " + e.getMessage(), e);
        }
    }

    private static long[] numbers(JsonParser json, String what) throws IOException {
        require(json.currentToken() == JsonToken.START_ARRAY, json, what + " is no list");
        List<Long> numbers = new ArrayList<>();
        while (json.nextToken() == JsonToken.VALUE_NUMBER_INT) {
            numbers.add(json.getLongValue());
            require(json.getLongValue() >= 0, json, what + " has a number below 0");
        }
        require(json.currentToken() == JsonToken.END_ARRAY, json, what + " has an entry that is no whole number");
        return numbers.stream().mapToLong(Long::longValue).toArray();
    }

    /** Whether each weight begins where the one before it ends. */
    private static boolean isInOrder(List<Entry> entries) {
        long at = 0;
        for (Entry entry : entries) {
            if (entry.begin() != at || entry.end() < at) {
                return false;
            }
            at = entry.end();
        }
        return true;
    }

    private static Map<String, Tensor> tensors(MappedFile file, long start, List<Entry> entries) {
        entries.sort(Comparator.comparingLong(Entry::begin).thenComparingLong(Entry::end));
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        long at = 0;
        long there = file.size() - start;
        long told = entries.stream().mapToLong(Entry::end).max().orElse(0);
        if (isInOrder(entries) && told > there) {
            throw new IllegalArgumentException("it is cut short: its header tells of " + told
                    + " bytes of weights, but only " + there + " are there.");
        }
        for (Entry entry : entries) {
            // The format forbids gaps and weights that share bytes.
            if (entry.begin() != at || entry.end() < at || entry.end() > there) {
                throw new IllegalArgumentException("weight " + entry.name() + " lies in bytes " + entry.begin() + " to "
                        + entry.end() + " of " + there + ", but the one before it ends at " + at + ".");
            }
            at = entry.end();
            try {
                tensors.put(
                        entry.name(),
                        Tensor.of(
                                entry.dtype().type(),
                                file.stretch(start + entry.begin(), entry.end() - entry.begin()),
                                entry.shape()));
            } catch (IllegalArgumentException e) {
                throw new IllegalArgumentException("weight " + entry.name() + ": " + e.getMessage(), e);
            }
        }
        if (at != file.size() - start) {
            throw new IllegalArgumentException("its weights end at byte " + at + " of " + (file.size() - start) + ".");
        }
        return tensors;
    }

    private static void require(boolean right, JsonParser json, String otherwise) throws IOException {
        if (!right) {
            throw new IOException(otherwise + " (byte " + json.currentLocation().getByteOffset() + ").");
        }
    }

    private static String firstLine(String message) {
        String line = message == null ? "" : message.lines().findFirst().orElse("");
        return line.endsWith(".") ? line : line + ".";
    }
}
