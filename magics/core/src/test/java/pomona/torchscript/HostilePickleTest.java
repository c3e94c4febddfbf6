package pomona.torchscript;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Models whose pickled data wants to run code, to have more memory than there is, or to be read without end. */
class HostilePickleTest {

    private static final Path TRACED =
            Path.of("src/test/resources/pomona/fuzz/ReadersFuzzInputs/torchScript/traced.pt");

    @TempDir
    Path folder;

    @Test
    void callsAreDescribedAndNotMade() throws Exception {
        Path proof = folder.resolve("proof");
        String touch = "touch " + proof;
        byte[] pickle = bytes("\u0080\2cposix\nsystem\n(X", length(touch), touch, "tR.");
        assertThat(PickleReader.read(pickle))
                .isEqualTo(new Pickle.Call(new Pickle.Global("posix.system"), List.of(touch)));
        Path file = model(text -> new String(pickle, StandardCharsets.ISO_8859_1));
        assertThatThrownBy(() -> TorchScript.weights(file))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(file + " is not a TorchScript model: its pickled data is no module.");
        assertThat(proof).doesNotExist();
    }

    /** Opcodes that load or make objects in other ways, or that only newer protocols have. */
    @Test
    void otherOpcodesAreRefused() {
        for (String code : List.of("i", "o", "\u0092", "\u0093", "\u0095", "\u0082", "\u0096", "P")) {
            byte[] pickle = bytes("\u0080\2", code, "os\nsystem\n.");
            assertThatThrownBy(() -> PickleReader.read(pickle))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage(String.format(
                            "its pickled data has the opcode 0x%02X at byte 2, which PyTorch does not write.",
                            (int) code.charAt(0)));
        }
    }

    @Test
    void lengthsAreNotBelieved() {
        for (String pickle : List.of(
                "X\u00ff\u00ff\u00ff\u007fabc.",
                "X\u00ff\u00ff\u00ff\u00ffabc.",
                "U\u00f0abc.",
                "cposix",
                "K",
                "(((",
                "")) {
            assertThatThrownBy(() -> PickleReader.read(bytes(pickle)))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("its pickled data is cut short.");
        }
        for (String pickle : List.of(
                "\u008a\u00ffabc.",
                "t.",
                "R.",
                "h\7.",
                "j\u00ff\u00ff\u00ff\u007f.",
                "}]]s.",
                "Nb.",
                "q\0.",
                "NNR.",
                ".")) {
            assertThatThrownBy(() -> PickleReader.read(bytes(pickle)))
                    .as(pickle)
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageMatching("its pickled data is damaged at byte \\d+\\.");
        }
    }

    @Test
    void sizesThatNoStorageHasAreRefusedBeforeMemoryIsAskedFor() throws Exception {
        String huge = "\u008a\u0008\0\0\0\0\0\0\0\u0010";
        Path storage = model(text -> text.replace("cpuq\tK6", "cpuq\t" + huge));
        // What a storage is said to hold is not asked for: its file has a size.
        assertThat(TorchScript.weights(storage)).isEqualTo(TorchScript.weights(TRACED));
        Path sizes = model(text -> text.replace("(K\2K\3K\3K\3t", "(" + huge + "K\3K\3" + huge + "t"));
        assertThatThrownBy(() -> TorchScript.weights(sizes))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(sizes + " is not a TorchScript model: a tensor has the shape [1152921504606846976, 3, 3,"
                        + " 1152921504606846976], which no machine can hold.");
        Path beyond = model(text -> text.replace("(K\2K\3K\3K\3t", "(J\0\0\0\u0040K\3K\3K\3t"));
        assertThatThrownBy(() -> TorchScript.weights(beyond))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(
                        beyond + " is not a TorchScript model: a tensor asks for 115964116992 bytes from 0 on of the"
                                + " file data/0, which has 216.");
    }

    @Test
    void whatHoldsItselfOrMultipliesComesToAnEnd() throws Exception {
        String module = "c__torch__\nM\n)\u0081";
        Path itself = model(text -> "\u0080\2" + module + "q\0}(X\1\0\0\0ah\0ub.");
        assertThatThrownBy(() -> TorchScript.weights(itself))
                .hasMessage(itself + " is not a TorchScript model: its modules are nested without end.");
        StringBuilder pairs = new StringBuilder("\u0080\2" + module + "}bq\0");
        for (int i = 0; i < 60; i++) {
            pairs.append(module)
                    .append("}(X\1\0\0\0ah")
                    .append((char) i)
                    .append("X\1\0\0\0bh")
                    .append((char) i);
            pairs.append("ubq").append((char) (i + 1));
        }
        Path doubled = model(text -> pairs + ".");
        assertThatThrownBy(() -> TorchScript.weights(doubled))
                .hasMessage(doubled + " is not a TorchScript model: its modules are nested without end.");
        String deep = "(".repeat(200_000) + "t".repeat(200_000);
        Path nested = model(text -> "\u0080\2" + module + "}(X\1\0\0\0a" + deep + "ub.");
        assertThat(TorchScript.weights(nested)).isEmpty();
    }

    /** The traced model with its pickled data changed. */
    private Path model(UnaryOperator<String> change) throws IOException {
        Path file = Files.createTempFile(folder, "model", ".pt");
        try (ZipFile from = new ZipFile(TRACED.toFile());
                ZipOutputStream to = new ZipOutputStream(Files.newOutputStream(file))) {
            for (ZipEntry entry : Collections.list(from.entries())) {
                byte[] content = from.getInputStream(entry).readAllBytes();
                if (entry.getName().endsWith("/data.pkl")) {
                    String changed = change.apply(new String(content, StandardCharsets.ISO_8859_1));
                    assertThat(changed).isNotEqualTo(new String(content, StandardCharsets.ISO_8859_1));
                    content = changed.getBytes(StandardCharsets.ISO_8859_1);
                }
                to.putNextEntry(stored(entry.getName(), content));
                to.write(content);
            }
        }
        return file;
    }

    private static ZipEntry stored(String name, byte[] content) {
        CRC32 crc = new CRC32();
        crc.update(content);
        ZipEntry entry = new ZipEntry(name);
        entry.setMethod(ZipEntry.STORED);
        entry.setSize(content.length);
        entry.setCrc(crc.getValue());
        return entry;
    }

    private static byte[] bytes(Object... parts) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (Object part : parts) {
            out.writeBytes(part instanceof byte[] raw ? raw : part.toString().getBytes(StandardCharsets.ISO_8859_1));
        }
        return out.toByteArray();
    }

    private static byte[] length(String text) {
        return ByteBuffer.allocate(4)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt(text.length())
                .array();
    }
}
