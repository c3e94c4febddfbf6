package pomona.djl;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.GradientCollector;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ScalarsTest {

    /** What the gradient reads is still there after a collection and after its memory was asked for by others. */
    @Test
    void gradientsSurviveGarbageCollections() throws Exception {
        Engine engine = Engine.getEngine("PyTorch");
        try (NDManager manager = engine.newBaseManager()) {
            NDArray x = manager.ones(new Shape(4));
            x.setRequiresGradient(true);
            for (int round = 0; round < 5; round++) {
                try (GradientCollector collector = engine.newGradientCollector()) {
                    NDArray y = x;
                    for (int i = 0; i < 50; i++) {
                        y = Scalars.times(Scalars.times(y, 4), 0.25);
                    }
                    System.gc();
                    Thread.sleep(20);
                    List<ByteBuffer> others = new ArrayList<>();
                    for (int i = 0; i < 2000; i++) {
                        ByteBuffer memory = ByteBuffer.allocateDirect(4);
                        others.add(memory.putInt(0, 0x7F7F7F7F));
                    }
                    collector.backward(y.sum());
                    assertThat(others).hasSize(2000);
                }
                assertThat(x.getGradient().toFloatArray()).containsExactly(1, 1, 1, 1);
                x.getGradient().subi(x.getGradient());
            }
        }
    }
}
