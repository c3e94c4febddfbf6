package pomona.jupyter.magic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import pomona.distill.SoftTargetDistillation;
import pomona.djl.IdxDataset;
import pomona.fuse.MergeFusion;
import pomona.graph.Network;
import pomona.jupyter.Networks;
import pomona.jupyter.TestKernel;
import pomona.train.Training;

/** Quantizing, distilling and merging by magic, on a slice of the real digits. */
class QuantizeDistillMagicsTest {

    private final IdxDataset train =
            IdxDataset.test(Path.of("../../notebooks/data/mnist")).flat().limit(300);
    private final Network student = Networks.classifier("student", 1);
    private final Network teacher = Networks.classifier("teacher", 2);
    private final Network other = Networks.classifier("other", 3);
    private TestKernel kernel;

    @BeforeEach
    void start() {
        kernel = new TestKernel();
        kernel.variables.put("student", student);
        kernel.variables.put("teacher", teacher);
        kernel.variables.put("other", other);
        kernel.variables.put("train", train);
    }

    @AfterEach
    void stop() {
        kernel.close();
    }

    private Network run(String line) throws Exception {
        List<String> words = List.of(line.split(" "));
        return (Network)
                kernel.magic(words.get(0), words.subList(1, words.size()).toArray(String[]::new));
    }

    @Test
    void distillsAsTheRecordDoes() throws Exception {
        Network distilled =
                run("distill student --teacher teacher --data train --temperature 3 --epochs 1 --hold-zeros=false");

        var same = new SoftTargetDistillation(teacher, train, 3, 0.9, Training.epochs(1), false);
        assertThat(distilled.weights()).isEqualTo(student.apply(same).weights());
        assertThat(distilled.provenance()).last().hasToString(same.step().toString());
    }

    @Test
    void mergesWithPeersOnTheLineOrAsAnOption() throws Exception {
        Network expected =
                student.apply(new MergeFusion(List.of(teacher, other), List.of(), train, Training.epochs(1)));

        assertThat(run("fuse student teacher other --method merge --data train --epochs 1")
                        .weights())
                .isEqualTo(expected.weights());
        assertThat(run("fuse student --method merge --peers teacher,other --data train --epochs 1")
                        .weights())
                .isEqualTo(expected.weights());
    }

    @Test
    void quantizesWithoutAndWithData() throws Exception {
        assertThat(run("quantize student").nodes()).anyMatch(node -> node.op().equals("MatMulInteger"));
        Network quantized = run("quantize student --method static --data train --samples 100 --per-channel no");

        assertThat(quantized.nodes()).anyMatch(node -> node.op().contains("QuantizeLinear"));
        assertThat(quantized.provenance()).last().asString().contains("samples=100", "perChannel=false");
    }

    @Test
    void asksForWhatIsMissing() {
        assertThatThrownBy(() -> run("distill student --data train"))
                .hasMessage("%distill needs --teacher with a value: the network to learn from.");
        assertThatThrownBy(() -> run("distill student --teacher train --data train"))
                .hasMessage("teacher (train) is an IdxDataset, but it takes a Network.");
        assertThatThrownBy(() -> run("fuse student --method merge --data train"))
                .hasMessage("%fuse needs --peers with a value: the networks whose outputs are summed.");
        assertThatThrownBy(() -> run("quantize student --bits 4"))
                .hasMessageStartingWith(
                        "%quantize --method dynamic has no option --bits; it is an option of weight-only, ");
    }
}
