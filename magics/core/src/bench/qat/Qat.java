import java.io.IOException;
import java.nio.file.Path;
import java.util.Locale;
import pomona.djl.IdxDataset;
import pomona.evaluate.Evaluation;
import pomona.graph.Network;
import pomona.onnx.Onnx;
import pomona.quantize.QuantizationAwareTraining;
import pomona.train.Training;

/**
 * LeNet-5 on MNIST with weights and activations of few bits, quantized after training and trained with them:
 * {@code Qat FILE EPOCHS BITS...}, see run.sh. Both begin at the same steps, found on the same records.
 */
public final class Qat {

    private static final Path MNIST = Path.of("../../notebooks/data/mnist");

    private Qat() {}

    public static void main(String[] arguments) throws IOException {
        IdxDataset train = IdxDataset.train(MNIST);
        IdxDataset test = IdxDataset.test(MNIST);
        Network dense = Onnx.read(Path.of(arguments[0]));
        int epochs = Integer.parseInt(arguments[1]);
        System.out.printf(Locale.ROOT, "%s, floats: error %.2f %%%n", dense.name(), Evaluation.errorPercent(dense, test));
        for (int i = 2; i < arguments.length; i++) {
            int bits = Integer.parseInt(arguments[i]);
            Training training = Training.epochs(epochs).withLearningRate(0.0005);
            QuantizationAwareTraining aware = new QuantizationAwareTraining(bits, train, training);
            double after = Evaluation.errorPercent(aware.untrained(dense), test);
            long start = System.nanoTime();
            double learned = Evaluation.errorPercent(dense.apply(aware), test);
            System.out.printf(Locale.ROOT, "%d bits: quantized after training %.2f %%, trained with them %.2f %% (%d epochs, %.0f s)%n",
                    bits, after, learned, epochs, (System.nanoTime() - start) / 1e9);
        }
    }
}
