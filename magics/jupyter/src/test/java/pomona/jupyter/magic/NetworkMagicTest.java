package pomona.jupyter.magic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Model;
import ai.djl.engine.Engine;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Activation;
import ai.djl.nn.Block;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.core.Linear;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import pomona.djl.Djl;
import pomona.graph.Network;
import pomona.jupyter.TestKernel;

/** Networks out of real DJL models and blocks. */
class NetworkMagicTest {

    private final NDManager manager = NDManager.newBaseManager("PyTorch");
    private TestKernel kernel;

    @BeforeEach
    void start() {
        kernel = new TestKernel();
    }

    @AfterEach
    void stop() {
        kernel.close();
        manager.close();
    }

    private static Block block() {
        return new SequentialBlock()
                .add(Linear.builder().setUnits(5).build())
                .add(Activation.reluBlock())
                .add(Linear.builder().setUnits(2).build());
    }

    private Network run(String line) throws Exception {
        List<String> words = List.of(line.split(" "));
        return (Network) kernel.magic("network", words.toArray(String[]::new));
    }

    @Test
    void makesANetworkOfAModel() throws Exception {
        try (Model model = Model.newInstance("tiny", "PyTorch")) {
            Block block = block();
            block.initialize(manager, DataType.FLOAT32, new Shape(1, 4));
            model.setBlock(block);
            kernel.variables.put("model", model);

            Network network = run("model");

            assertThat(network.name()).isEqualTo("tiny");
            assertThat(network.weights()).isEqualTo(Djl.network(model).weights());
            assertThat(network.parameters()).isEqualTo(4 * 5 + 5 + 5 * 2 + 2);
            assertThat(run("model --name other --input batch,4").name()).isEqualTo("other");
        }
    }

    @Test
    void makesANetworkOfABlockNamedAsItsVariable() throws Exception {
        Engine.getEngine("PyTorch").setRandomSeed(1);
        Block ready = block();
        ready.initialize(manager, DataType.FLOAT32, new Shape(1, 4));
        kernel.variables.put("ready", ready);

        assertThat(run("ready").name()).isEqualTo("ready");
        assertThat(run("ready --input 1,4").parameters()).isEqualTo(37);
    }

    @Test
    void saysWhatItNeeds() {
        kernel.variables.put("fresh", block());
        kernel.variables.put("list", List.of());
        kernel.variables.put("model", Model.newInstance("empty", "PyTorch"));

        assertThatThrownBy(() -> run("fresh"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("fresh is a block without parameters yet; initialize or train it first.");
        assertThatThrownBy(() -> run("fresh --input 1,wide"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("input is 1,wide; it takes numbers with commas, such as 1,784.");
        assertThatThrownBy(() -> run("list"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("list is a ListN, but it takes a DJL Model or Block, a Network, or the path of an ONNX"
                        + " file.");
        assertThatThrownBy(() -> run("model"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("Model empty has no block yet; set one, or load the model.");
        assertThatThrownBy(() -> kernel.magic("prune", "fresh"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("fresh is a SequentialBlock, but it takes a Network; %network fresh makes one of it.");
    }
}
