package pomona.safetensors;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import pomona.Networks;
import pomona.Python;
import pomona.graph.ElementType;
import pomona.graph.Network;
import pomona.graph.Tensor;

class SafeTensorsTest {

    @TempDir
    Path folder;

    @Test
    void readsWhatPythonWrote() throws Exception {
        Path file = folder.resolve("python.safetensors");
        JsonNode told = new ObjectMapper().readTree(Python.run("safetensors_files.py", "write", file));
        Map<String, Tensor> tensors = SafeTensors.read(file);

        assertThat(tensors).hasSize(17);
        assertSame(told, tensors);
        assertThat(tensors.get("a bfloat16").type()).isEqualTo(ElementType.BFLOAT16);
        assertThat(tensors.get("a float8_e4m3fn").type()).isEqualTo(ElementType.FLOAT8E4M3FN);
        assertThat(tensors.get("scalar").toFloatArray()).containsExactly(1.5f);
        assertThat(tensors.get("scalar").data().isDirect()).isTrue();
        assertThat(SafeTensors.metadata(file)).isEqualTo(Map.of("format", "np", "author", "Zoë"));
    }

    @Test
    void pythonReadsWhatWasWritten() throws Exception {
        Path python = folder.resolve("python.safetensors");
        Python.run("safetensors_files.py", "write", python);
        Map<String, Tensor> tensors = SafeTensors.read(python);

        Path file = SafeTensors.write(tensors, Map.of("note", "ours"), folder.resolve("deep/ours.safetensors"));
        assertSame(new ObjectMapper().readTree(Python.run("safetensors_files.py", "read", file)), tensors);
        assertThat(SafeTensors.read(file)).isEqualTo(tensors);
        assertThat(SafeTensors.read(file.getParent())).isEqualTo(tensors);
        // The reference implementation lays the same weights out in the same places.
        assertThat(Files.size(
                        SafeTensors.write(tensors, SafeTensors.metadata(python), folder.resolve("again.safetensors"))))
                .isEqualTo(Files.size(python));

        Path shards = SafeTensors.write(tensors, folder.resolve("shards"), 50);
        List<Path> files;
        try (var listed = Files.list(shards)) {
            files = listed.filter(f -> f.toString().endsWith(".safetensors")).toList();
        }
        assertThat(files).hasSizeGreaterThan(3);
        assertThat(SafeTensors.read(shards)).isEqualTo(tensors);
        Object[] arguments = new Object[files.size() + 1];
        arguments[0] = "read";
        System.arraycopy(files.toArray(), 0, arguments, 1, files.size());
        assertSame(new ObjectMapper().readTree(Python.run("safetensors_files.py", arguments)), tensors);
    }

    private static void assertSame(JsonNode told, Map<String, Tensor> tensors) throws Exception {
        assertThat(told.size()).isEqualTo(tensors.size());
        for (Map.Entry<String, Tensor> entry : tensors.entrySet()) {
            byte[] bytes = new byte[entry.getValue().data().remaining()];
            entry.getValue().data().get(bytes);
            JsonNode one = told.get(entry.getKey());
            assertThat(one.get(0).asText())
                    .isEqualTo(Dtype.of("w", entry.getValue().type()).name());
            assertThat(one.get(1))
                    .hasToString(Arrays.toString(entry.getValue().shape()).replace(" ", ""));
            assertThat(one.get(2).asText())
                    .isEqualTo(HexFormat.of()
                            .formatHex(MessageDigest.getInstance("SHA-256").digest(bytes)));
        }
    }

    @Test
    void goesIntoANetworkAndOut() {
        Network lenet = Networks.lenet300();
        Path file = SafeTensors.write(lenet.weights(), folder.resolve("lenet.safetensors"));
        Map<String, Tensor> zeros = new LinkedHashMap<>();
        lenet.weights()
                .forEach((name, tensor) -> zeros.put(
                        name, Tensor.of(tensor.type(), ByteBuffer.allocate((int) tensor.bytes()), tensor.shape())));

        assertThat(lenet.withWeights(zeros).nonZeros()).isZero();
        assertThat(lenet.withWeights(zeros).withWeights(SafeTensors.read(file))).isEqualTo(lenet);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{} | 1 | its weights end at byte 0 of 1.",
                "[] | 0 | its header does not begin with a brace.",
                "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}} | 3 | it is cut short: its header"
                        + " tells of 4 bytes of weights, but only 3 are there.",
                "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,4]}} | 4 | weight a: A tensor float[2] takes 8"
                        + " bytes, but there are 4.",
                "{\"a\":{\"dtype\":\"F32\",\"shape\":[1152921504606846976,16],\"data_offsets\":[0,4]}} | 4 | weight a: A"
                        + " tensor float[1152921504606846976,16] has more elements than any machine can hold.",
                "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,8]}} | 8 | weight a lies in bytes 4 to 8 of 8,"
                        + " but the one before it ends at 0.",
                "{\"a\":{\"dtype\":\"F7\",\"shape\":[1],\"data_offsets\":[0,4]}} | 4 | weight a: its type F7 is not known;"
                        + " known are BOOL, F4, U8, I8, F8_E5M2, F8_E4M3, F8_E5M2FNUZ, F8_E4M3FNUZ, F8_E8M0, I16, U16, F16,"
                        + " BF16, I32, U32, F32, C64, F64, I64, U64.",
                "{\"a\":{\"dtype\":\"F32\",\"shape\":[-1],\"data_offsets\":[0,4]}} | 4 | its header is not in order: a shape"
                        + " has a number below 0 (byte 31).",
                "{\"a\":{\"dtype\":\"F32\",\"shape\":[1]}} | 4 | its header is not in order: a has no dtype, shape or two"
                        + " data_offsets (byte 32).",
                "{\"a\":1} | 0 | its header is not in order: a is no object (byte 6).",
            })
    void refusesWhatIsNotInOrder(String header, int bytes, String why) throws Exception {
        Path file = file(header.length(), header, bytes);
        assertThatThrownBy(() -> SafeTensors.read(file))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(file + " is not a safetensors file: " + why);
    }

    @Test
    void saysThatAnotherFileHasNoHeader() throws Exception {
        Path text = Files.writeString(folder.resolve("text.safetensors"), "# A page of text, and no weights");
        assertThatThrownBy(() -> SafeTensors.read(text))
                .hasMessage(text + " is not a safetensors file: its header does not begin with a brace.");
    }

    @Test
    void refusesHeadersThatAreTooLarge() throws Exception {
        Path file = file(1L << 60, "{}", 0);
        assertThatThrownBy(() -> SafeTensors.read(file))
                .hasMessage(file + " is not a safetensors file: its header is said to have 1152921504606846976 bytes,"
                        + " in a file of 10; a header has at most 100000000.");
        Path two = file(60, "{\"a\":{\"dtype\":\"U8\",\"shape\":[],\"data_offsets\":[0,1]},\"a\":{}}", 1);
        assertThatThrownBy(() -> SafeTensors.read(two))
                .hasMessage(two + " is not a safetensors file: its header is not in order: Duplicate field 'a'.");
    }

    @Test
    void saysWhatIsMissing() throws Exception {
        assertThatThrownBy(() -> SafeTensors.metadata(Path.of("none.safetensors")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(
                        "There is no file none.safetensors; give the path of a .safetensors file or of a folder of them.");
        assertThatThrownBy(() -> SafeTensors.read(Path.of("none.safetensors")))
                .hasMessage("There is no file none.safetensors; give the path of a .safetensors file or of a folder of"
                        + " them.");
        assertThatThrownBy(() -> SafeTensors.read(folder))
                .hasMessage("Folder " + folder + " has 0 files *.safetensors.index.json and 0 files *.safetensors; it"
                        + " should have one index, or one file.");
        Path index = folder.resolve("model.safetensors.index.json");
        Files.writeString(index, "{\"weight_map\": {\"a\": \"../a.safetensors\"}}");
        assertThatThrownBy(() -> SafeTensors.read(folder))
                .hasMessage(index + " says that weights are in ../a.safetensors, which is no file in the folder of the"
                        + " index.");
        Files.writeString(index, "{\"weight_map\": {\"a\": \"a\\u0000b\"}}");
        assertThatThrownBy(() -> SafeTensors.read(folder))
                .hasMessage(index + " says that weights are in a\0b, which is no file in the folder of the index.");
        Files.writeString(index, "{\"weight_map\": {\"b\": \"a.safetensors\"}}");
        SafeTensors.write(Map.of("a", Tensor.scalar(1f)), folder.resolve("a.safetensors"));
        assertThatThrownBy(() -> SafeTensors.read(folder))
                .hasMessage(index + " says that weight b is in a.safetensors, which has none of that name.");
        Files.writeString(index, "[1, 2");
        assertThatThrownBy(() -> SafeTensors.read(folder))
                .hasMessage(index + " is not an index of safetensors files: it is not JSON.");
        Tensor text = Tensor.ofStrings(List.of("x"), 1);
        assertThatThrownBy(() -> SafeTensors.write(Map.of("t", text), folder.resolve("t.safetensors")))
                .hasMessageStartingWith("Weight t is of type string, which safetensors has not; it has BOOL, F4, ");
        assertThatThrownBy(() -> SafeTensors.write(Map.of(), folder.resolve("t.bin")))
                .hasMessage("Weights are written to a file that ends in .safetensors, not to " + folder.resolve("t.bin")
                        + ".");
    }

    private Path file(long length, String header, int bytes) throws Exception {
        byte[] text = header.getBytes(StandardCharsets.UTF_8);
        ByteBuffer content = ByteBuffer.allocate(8 + text.length + bytes).order(ByteOrder.LITTLE_ENDIAN);
        return Files.write(
                folder.resolve("odd.safetensors"),
                content.putLong(length).put(text).array());
    }
}
