package pomona.jupyter.magic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.List;
import org.dflib.jjava.jupyter.kernel.display.DisplayData;
import org.dflib.jjava.jupyter.kernel.display.mime.MIMEType;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import pomona.djl.IdxDataset;
import pomona.graph.Network;
import pomona.jupyter.Networks;
import pomona.jupyter.TestKernel;
import pomona.prune.MagnitudePruning;
import pomona.train.FineTuning;
import pomona.train.Trained;
import pomona.train.Training;

/** Magics that train, on a slice of the real digits. */
class TrainingMagicsTest {

    private final IdxDataset train =
            IdxDataset.test(Path.of("../../notebooks/data/mnist")).flat().limit(600);
    private final Network pruned = Networks.classifier("lenet", 1).apply(new MagnitudePruning(0.5));
    private TestKernel kernel;

    @BeforeEach
    void start() {
        kernel = new TestKernel();
        kernel.variables.put("pruned", pruned);
        kernel.variables.put("train", train);
    }

    @AfterEach
    void stop() {
        kernel.close();
    }

    private Object run(String line) throws Exception {
        List<String> words = List.of(line.split(" "));
        return kernel.magic(words.get(0), words.subList(1, words.size()).toArray(String[]::new));
    }

    @Test
    void fineTunesAsTheRecordDoesAndHoldsZeros() throws Exception {
        Network tuned = (Network) run("finetune pruned --data train --epochs 2 --batch-size 50 --learning-rate 0.01");

        FineTuning same =
                new FineTuning(train, Training.epochs(2).withBatchSize(50).withLearningRate(0.01), true);
        assertThat(tuned.weights()).isEqualTo(pruned.apply(same).weights());
        assertThat(tuned.nonZeros()).isLessThanOrEqualTo(pruned.nonZeros());
        assertThat(tuned.provenance()).last().hasToString(same.step().toString());
    }

    @Test
    void settingsOfTrainingAreOptionsOfTheLine() {
        assertThatThrownBy(() -> run("finetune pruned --data train --epoch 2"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("%finetune has no option --epoch; did you mean --epochs?");
        assertThatThrownBy(() -> run("finetune pruned --data train --epochs 0"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("epochs must be 1 or more; it was 0.");
        assertThatThrownBy(() -> run("finetune pruned"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("%finetune needs --data with a value: labelled data to train on.");
        assertThatThrownBy(() -> run("finetune pruned --data pruned"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("data (pruned) is a Network, but it takes a RandomAccessDataset.");
    }

    @Test
    void lossesAreShownAndPlotted() throws Exception {
        Trained trained = new FineTuning(train, Training.epochs(3), true).train(pruned);
        kernel.variables.put("trained", trained);
        kernel.variables.put("history", trained.history());

        DisplayData shown = kernel.getRenderer().render(trained.history());

        assertThat(shown.getData(MIMEType.TEXT_PLAIN).toString()).startsWith("3 epochs, loss ");
        assertThat(shown.getData(MIMEType.TEXT_HTML).toString()).contains("data-pomona-library");
        assertThat(text(run("plot loss history"))).isEqualTo("Figure: Training (loss over batch); history 15 points");
        assertThat(text(run("plot trained"))).isEqualTo("Figure: Training (loss over batch); trained 15 points");
    }

    private String text(Object value) {
        return kernel.getRenderer().render(value).getData(MIMEType.TEXT_PLAIN).toString();
    }
}
