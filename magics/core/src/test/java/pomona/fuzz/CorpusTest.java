package pomona.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Reads the corpus of {@link ReadersFuzz}, and each file of it with bytes changed, cut and put in at random places. */
class CorpusTest {

    private static final Path CORPUS = Path.of("src/test/resources/pomona/fuzz/ReadersFuzzInputs");
    private static final int CHANGES = 150;

    private interface Feed {
        void feed(byte[] bytes) throws Exception;
    }

    @ParameterizedTest
    @ValueSource(strings = {"onnx", "compressedOnnx", "safetensors", "safetensorsIndex", "torchScript"})
    void everyFileIsReadOrRefused(String corpus) throws Exception {
        ReadersFuzz readers = new ReadersFuzz();
        Feed feed =
                switch (corpus) {
                    case "onnx" -> readers::onnx;
                    case "compressedOnnx" -> readers::compressedOnnx;
                    case "safetensors" -> readers::safetensors;
                    case "safetensorsIndex" -> readers::safetensorsIndex;
                    default -> readers::torchScript;
                };
        List<Path> files;
        try (Stream<Path> listed = Files.list(CORPUS.resolve(corpus))) {
            files = listed.sorted().toList();
        }
        assertThat(files).isNotEmpty();
        for (Path file : files) {
            byte[] bytes = Files.readAllBytes(file);
            Assertions.assertTimeout(Duration.ofSeconds(10), () -> feed.feed(bytes), file.toString());
            Random random = new Random(7);
            for (int i = 0; i < CHANGES; i++) {
                byte[] changed = changed(bytes, random);
                Assertions.assertTimeout(Duration.ofSeconds(10), () -> feed.feed(changed), file + ", change " + i);
            }
        }
    }

    private static byte[] changed(byte[] bytes, Random random) {
        byte[] changed =
                random.nextInt(4) == 0 ? Arrays.copyOf(bytes, random.nextInt(bytes.length + 1)) : bytes.clone();
        for (int n = random.nextInt(4); n >= 0 && changed.length > 0; n--) {
            int at = random.nextInt(changed.length);
            byte[] odd = {0, -1, 0x7F, (byte) 0x80, (byte) random.nextInt()};
            Arrays.fill(changed, at, Math.min(changed.length, at + 1 + random.nextInt(8)), odd[random.nextInt(5)]);
        }
        return changed;
    }
}
