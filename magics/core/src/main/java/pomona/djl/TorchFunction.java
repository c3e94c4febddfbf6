package pomona.djl;

import ai.djl.Device;
import ai.djl.engine.EngineException;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.engine.PtSymbolBlock;
import ai.djl.pytorch.jni.IValueUtils;
import ai.djl.pytorch.jni.JniUtils;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/**
 * A function of arrays written in TorchScript, which the engine compiles: what DJL has no call for runs natively all the
 * same, and gradients flow through it.
 *
 * <p>The text is an expression, or statements that end in {@code return}. In it {@code {0}}, {@code {1}}, ... are the
 * inputs ({@code None} where one is left out), and each {@code {}} is the next of the literals. Each text is compiled
 * once and kept for the life of the JVM, so sizes that change from call to call belong into arrays, not into literals.
 */
final class TorchFunction {

    private static final Pattern HOLE = Pattern.compile("\\{(\\d*)}");
    private static final Map<String, PtSymbolBlock> COMPILED = new ConcurrentHashMap<>();
    private static final byte[] NO_CONSTANTS = {(byte) 0x80, 2, ')', '.'};

    private TorchFunction() {}

    /** The one array that the function gives. */
    static NDArray one(String text, NDArray[] inputs, Object... literals) {
        return run("Tensor", text, inputs, literals).head();
    }

    /** The arrays of the list that the function gives. */
    static NDList list(String text, NDArray[] inputs, Object... literals) {
        return run("List[Tensor]", text, inputs, literals);
    }

    /**
     * Runs a text that changes arrays in place: {@code l0}, {@code l1}, ... are lists, and {@code {0}} and so on the
     * other inputs. The arrays' names are lost.
     */
    static void change(String text, List<NDList> lists, NDArray[] inputs, Object... literals) {
        NDList given = new NDList();
        StringBuilder parameters = new StringBuilder();
        for (int i = 0; i < lists.size(); i++) {
            parameters.append(", l").append(i).append(": List[Tensor]");
            for (NDArray array : lists.get(i)) {
                // DJL's word for an element of a list.
                array.setName("l" + i + "[]");
                given.add(array);
            }
        }
        execute(source(parameters.toString(), "Tensor", text, inputs, literals), given, inputs)
                .close();
        lists.forEach(list -> list.forEach(array -> array.setName(null)));
    }

    private static NDList run(String type, String text, NDArray[] inputs, Object... literals) {
        return execute(source("", type, text, inputs, literals), new NDList(inputs.length), inputs);
    }

    private static NDList execute(String source, NDList given, NDArray[] inputs) {
        for (NDArray input : inputs) {
            if (input != null) {
                // A name with a dot in it would mean something to DJL.
                input.setName(null);
                given.add(input);
            }
        }
        try {
            return IValueUtils.forward(COMPILED.computeIfAbsent(source, TorchFunction::compile), given, true);
        } catch (EngineException e) {
            throw new IllegalArgumentException(reason(e), e);
        }
    }

    private static String source(String lists, String type, String text, NDArray[] inputs, Object... literals) {
        String parameters = IntStream.range(0, inputs.length)
                .filter(i -> inputs[i] != null)
                .mapToObj(i -> ", x" + i + ": Tensor")
                .collect(Collectors.joining());
        Matcher hole = HOLE.matcher(text.contains("return") ? text.strip() : "return " + text);
        StringBuilder body = new StringBuilder();
        int next = 0;
        while (hole.find()) {
            String number = hole.group(1);
            String value = number.isEmpty() ? literal(literals[next++]) : name(Integer.parseInt(number), inputs);
            hole.appendReplacement(body, Matcher.quoteReplacement(value));
        }
        hole.appendTail(body);
        return "  def forward(self: __torch__.F" + lists + parameters + ") -> " + type + ":\n"
                + body.toString().indent(4);
    }

    private static String name(int index, NDArray[] inputs) {
        return index < inputs.length && inputs[index] != null ? "x" + index : "None";
    }

    private static String literal(Object value) {
        if (value instanceof long[] longs) {
            return Arrays.toString(longs);
        } else if (value instanceof int[] ints) {
            return Arrays.toString(ints);
        } else if (value instanceof Boolean flag) {
            return flag ? "True" : "False";
        } else if (value instanceof Float || value instanceof Double) {
            double number = ((Number) value).doubleValue();
            return Double.isFinite(number) ? Double.toString(number) : "float(\"" + infinity(number) + "\")";
        } else if (value instanceof String word) {
            return '"' + word + '"';
        }
        return value.toString();
    }

    private static String infinity(double number) {
        return Double.isNaN(number) ? "nan" : number > 0 ? "inf" : "-inf";
    }

    /** The engine reads code out of an archive; this is the least one that it takes (TorchScript's own format). */
    private static PtSymbolBlock compile(String source) {
        String code = "class F(Module):\n  __parameters__ = []\n  __buffers__ = []\n" + source;
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
            store(zip, "f/data.pkl", emptyObject());
            store(zip, "f/code/__torch__.py", code.getBytes(StandardCharsets.UTF_8));
            store(zip, "f/constants.pkl", NO_CONSTANTS);
            store(zip, "f/version", "3\n".getBytes(StandardCharsets.US_ASCII));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        try {
            PtNDManager manager = (PtNDManager) NDManager.newBaseManager(Device.cpu(), "PyTorch");
            return JniUtils.loadModule(manager, new ByteArrayInputStream(bytes.toByteArray()), false, false);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** An object of class F without state, pickled. */
    private static byte[] emptyObject() {
        return "\u0080\u0002c__torch__\nF\n)\u0081}b.".getBytes(StandardCharsets.ISO_8859_1);
    }

    private static void store(ZipOutputStream zip, String name, byte[] content) throws IOException {
        CRC32 sum = new CRC32();
        sum.update(content);
        ZipEntry entry = new ZipEntry(name);
        entry.setMethod(ZipEntry.STORED);
        entry.setSize(content.length);
        entry.setCrc(sum.getValue());
        entry.setTime(0);
        zip.putNextEntry(entry);
        zip.write(content);
        zip.closeEntry();
    }

    /** The interpreter reports where in the text it failed; the last line says why. */
    private static String reason(EngineException problem) {
        List<String> lines =
                new ArrayList<>(String.valueOf(problem.getMessage()).lines().toList());
        lines.removeIf(String::isBlank);
        String last = lines.isEmpty() ? "unknown" : lines.get(lines.size() - 1);
        for (String line : lines) {
            if (line.startsWith("RuntimeError: ")) {
                last = line.substring("RuntimeError: ".length());
                break;
            }
        }
        return last.strip();
    }
}
