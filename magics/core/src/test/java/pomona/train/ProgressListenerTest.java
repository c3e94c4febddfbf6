package pomona.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import ai.djl.Model;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Activation;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.core.Linear;
import ai.djl.training.DefaultTrainingConfig;
import ai.djl.training.EasyTrain;
import ai.djl.training.Trainer;
import ai.djl.training.loss.Loss;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import org.junit.jupiter.api.Test;
import pomona.djl.IdxDataset;
import pomona.pass.Progress;

class ProgressListenerTest {

    private static final IdxDataset DATA = IdxDataset.test(Path.of("../../notebooks/data/mnist"))
            .flat()
            .limit(1000)
            .batches(100);

    @Test
    void reportsAndKeepsTheLossesOfDjlsOwnTraining() throws Exception {
        ProgressListener listener = new ProgressListener("train", 3);
        List<Progress> seen = new ArrayList<>();
        Progress.Listener before = Progress.listen(seen::add);
        try {
            fit(listener, 3);
        } finally {
            Progress.listen(before);
        }
        assertThat(listener.history().batches()).hasSize(30);
        assertThat(listener.history().epochs()).hasSize(3);
        assertThat(listener.history().epochs()[2]).isLessThan(listener.history().epochs()[0]);
        Progress progress = seen.get(0);
        assertThat(seen).allMatch(p -> p == progress);
        assertThat(progress.total()).isEqualTo(30);
        assertThat(progress.done()).isEqualTo(30);
        assertThat(progress.isEnded()).isTrue();
        assertThat(progress.note()).startsWith("epoch 3/3, loss ");
    }

    @Test
    void anInterruptStopsDjlsTraining() {
        ProgressListener listener = new ProgressListener("train", 3);
        Thread.currentThread().interrupt();
        assertThatThrownBy(() -> fit(listener, 3))
                .isInstanceOf(CancellationException.class)
                .hasMessage("Training was interrupted after 0 batches.");
        assertThatThrownBy(() -> new ProgressListener("train", 0)).hasMessage("epochs must be 1 or more; it was 0.");
    }

    private static void fit(ProgressListener listener, int epochs) throws Exception {
        SequentialBlock block = new SequentialBlock()
                .add(Linear.builder().setUnits(32).build())
                .add(Activation.reluBlock())
                .add(Linear.builder().setUnits(10).build());
        try (Model model = Model.newInstance("plain", Device.cpu(), "PyTorch")) {
            model.setBlock(block);
            DefaultTrainingConfig config = new DefaultTrainingConfig(Loss.softmaxCrossEntropyLoss())
                    .optDevices(new Device[] {Device.cpu()})
                    .addTrainingListeners(listener);
            try (Trainer trainer = model.newTrainer(config)) {
                trainer.initialize(new Shape(1, 784));
                EasyTrain.fit(trainer, epochs, DATA, null);
            }
        }
    }
}
