package pomona.train;

import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import java.util.List;
import pomona.graph.Dimension;
import pomona.graph.Network;
import pomona.graph.Value;

/** Says in one sentence when data does not fit a network's inputs. */
final class DataCheck {

    private DataCheck() {}

    static void check(Network network, NDList data) {
        List<Value> inputs = network.signature().inputs();
        if (data.size() != inputs.size()) {
            throw new IllegalArgumentException("Network " + network.name() + " takes " + inputs.size()
                    + (inputs.size() == 1 ? " input" : " inputs") + ", but a record of the data has " + data.size()
                    + ".");
        }
        for (int i = 0; i < inputs.size(); i++) {
            Shape shape = data.get(i).getShape();
            if (!fits(inputs.get(i).shape(), shape)) {
                throw new IllegalArgumentException("Network " + network.name() + " takes " + inputs.get(i)
                        + ", but a batch of the data is " + shape + ".");
            }
        }
    }

    private static boolean fits(List<Dimension> declared, Shape shape) {
        if (declared == null) {
            return true;
        }
        if (declared.size() != shape.dimension()) {
            return false;
        }
        for (int i = 0; i < declared.size(); i++) {
            if (declared.get(i).isFixed() && declared.get(i).size() != shape.get(i)) {
                return false;
            }
        }
        return true;
    }
}
