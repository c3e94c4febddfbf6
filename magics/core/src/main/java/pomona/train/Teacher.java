package pomona.train;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import pomona.djl.RuntimeSession;
import pomona.djl.Tensors;
import pomona.graph.Network;
import pomona.graph.Tensor;
import pomona.graph.Value;

/**
 * A network whose outputs another network is trained on. It runs on ONNX Runtime and takes no gradients, so any network
 * that runs there can teach. Close it to free its native memory.
 */
public final class Teacher implements AutoCloseable {

    private final List<Value> inputs;
    private final RuntimeSession session;

    private Teacher(List<Value> inputs, RuntimeSession session) {
        this.inputs = inputs;
        this.session = session;
    }

    /**
     * A teacher for a student that is fed the same records.
     *
     * @throws IllegalArgumentException if they take another number of inputs, or ONNX Runtime refuses the teacher
     */
    public static Teacher of(Network teacher, Network student) {
        List<Value> inputs = teacher.signature().inputs();
        if (inputs.size() != student.signature().inputs().size()) {
            throw new IllegalArgumentException("Teacher " + teacher.name() + " takes " + inputs + ", but "
                    + student.name() + " takes " + student.signature().inputs()
                    + "; they must take the same records.");
        }
        // One thread: more would spin while PyTorch works and take its processors away.
        return new Teacher(inputs, RuntimeSession.open(teacher, 1));
    }

    /** The outputs for a batch, as arrays beside the batch's own. */
    public NDList outputs(NDList batch) {
        Map<String, Tensor> feeds = new LinkedHashMap<>();
        for (int i = 0; i < inputs.size(); i++) {
            feeds.put(inputs.get(i).name(), Tensors.of(batch.get(i)));
        }
        NDArray first = batch.head();
        NDList outputs = new NDList();
        session.run(feeds).values().forEach(tensor -> outputs.add(Tensors.toArray(tensor, first.getManager())));
        return outputs;
    }

    @Override
    public void close() {
        session.close();
    }
}
