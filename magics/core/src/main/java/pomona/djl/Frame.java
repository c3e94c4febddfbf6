package pomona.djl;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import pomona.graph.Tensor;

/** The values of one run of a graph; a sub-graph sees those of the graph around it. */
final class Frame {

    /**
     * What stays the same during a run.
     *
     * @param network the network's name
     * @param opset the version of the standard operator set
     * @param training whether dropout drops and batch normalization takes the statistics of the batch
     * @param scope owns everything that is made during the run
     * @param arrays gives the array of one of the network's own constants
     */
    record Run(String network, long opset, boolean training, NDManager scope, Function<String, NDArray> arrays) {}

    private final Run run;
    private final Plan plan;
    private final Frame outer;
    private final Map<String, NDArray> values = new HashMap<>();

    /**
     * @param outer the frame of the graph around this one, or null
     */
    Frame(Run run, Plan plan, Frame outer) {
        this.run = run;
        this.plan = plan;
        this.outer = outer;
    }

    Run run() {
        return run;
    }

    void put(String name, NDArray array) {
        values.put(name, array);
    }

    /** The array of a value; constants are put among the values, so that they are looked up once. */
    NDArray value(String name) {
        NDArray known = values.get(name);
        if (known != null) {
            return known;
        }
        Tensor constant = plan.constants().get(name);
        if (outer != null && constant == null) {
            return outer.value(name);
        }
        NDArray array = outer == null
                ? alias(run.arrays().apply(name))
                : Tensors.inEngine(Tensors.toArray(constant, run.scope()));
        values.put(name, array);
        return array;
    }

    /** The value as plain data if it is a constant, else null. */
    Tensor constant(String name) {
        Tensor constant = plan.constants().get(name);
        return constant == null && outer != null && !values.containsKey(name) ? outer.constant(name) : constant;
    }

    /** Frees values that nobody needs any more. */
    void free(List<String> names) {
        for (String name : names) {
            NDArray array = values.remove(name);
            if (array != null) {
                array.close();
            }
        }
    }

    /** The values of those names under handles of their own; all others are freed. */
    NDList finish(List<String> names) {
        NDList results = new NDList(names.size());
        for (String name : names) {
            results.add(alias(value(name)));
        }
        values.values().forEach(NDArray::close);
        values.clear();
        return results;
    }

    /** The same elements under another handle that the scope owns: what is made of it is then the scope's as well. */
    NDArray alias(NDArray array) {
        NDArray alias = array.reshape(array.getShape());
        alias.attach(run.scope());
        return alias;
    }
}
