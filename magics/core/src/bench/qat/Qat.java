import java.io.IOException;
import java.nio.file.Path;
import java.util.Locale;
import pomona.djl.IdxDataset;
import pomona.evaluate.Evaluation;
import pomona.graph.Network;
import pomona.onnx.Onnx;
import pomona.quantize.QuantizationAwareTraining;
import pomona.quantize.WeightStorage;
import pomona.train.Training;

/**
 * LeNet-5 on MNIST with weights and activations of few bits, quantized after training and trained with them:
 * {@code Qat FILE EPOCHS BITS...}, see run.sh. Both begin at the same steps, found on the same records. The bytes are those
 * of the .onnx file, and of .onnx.xz; how many the other storages take does not depend on training.
 */
public final class Qat {

    private static final Path MNIST = Path.of("../../notebooks/data/mnist");

    private Qat() {}

    public static void main(String[] arguments) throws IOException {
        IdxDataset train = IdxDataset.train(MNIST);
        IdxDataset test = IdxDataset.test(MNIST);
        Network dense = Onnx.read(Path.of(arguments[0]));
        int epochs = Integer.parseInt(arguments[1]);
        System.out.printf(Locale.ROOT, "%s, floats: error %.2f %%, %d bytes%n", dense.name(),
                Evaluation.errorPercent(dense, test), Onnx.bytes(dense).length);
        for (int i = 2; i < arguments.length; i++) {
            int bits = Integer.parseInt(arguments[i]);
            Training training = Training.epochs(epochs).withLearningRate(0.0005);
            QuantizationAwareTraining aware = new QuantizationAwareTraining(bits, train, training);
            double after = Evaluation.errorPercent(aware.untrained(dense), test);
            long start = System.nanoTime();
            Network trained = dense.apply(aware);
            long seconds = Math.round((System.nanoTime() - start) / 1e9);
            Evaluation learned = Evaluation.of(trained, test);
            System.out.printf(Locale.ROOT, "%d bits: quantized after training %.2f %%, trained with them %.2f %% (%d epochs, %d s)%n",
                    bits, after, learned.error(), epochs, seconds);
            System.out.printf(Locale.ROOT, "  file, %s: %d bytes, %d as .xz", trained.provenance()
                    .get(trained.provenance().size() - 1).options().get("storage"), Onnx.bytes(trained).length, learned.xzBytes());
            for (WeightStorage storage : new WeightStorage[] {WeightStorage.BYTES, WeightStorage.INT4}) {
                if (bits <= 4) {
                    QuantizationAwareTraining other = aware.with(storage);
                    Network stored = other.untrained(dense).withStep(other.step());
                    System.out.printf(Locale.ROOT, "; %s: %d", other.step().options().get("storage"), Onnx.bytes(stored).length);
                }
            }
            System.out.println();
        }
    }
}
