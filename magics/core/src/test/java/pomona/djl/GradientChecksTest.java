package pomona.djl;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Device;
import ai.djl.engine.Engine;
import ai.djl.engine.EngineException;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.training.GradientCollector;
import ai.djl.training.ParameterStore;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.DoubleStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import pomona.graph.Attribute;
import pomona.graph.ElementType;
import pomona.graph.Graph;
import pomona.graph.Network;
import pomona.graph.Node;
import pomona.graph.Opaque;
import pomona.graph.Tensor;
import pomona.graph.Value;

/**
 * For every operator that has a gradient: the slope of its outputs in a random direction of its inputs is what the
 * gradient says, on the inputs of ONNX's own test cases.
 */
class GradientChecksTest {

    private static final double STEP = 1e-6;
    private static final double TOLERANCE = 2e-5;

    /** Inputs are moved a little, so that they do not lie on an edge between two pieces of a function. */
    private static final double JITTER = 3e-3;

    /** Among more elements than these, two are too likely to change places within a step. */
    private static final int MOST_ELEMENTS = 20_000;

    /** How often a gradient is taken: the engine rewrites a function after it has seen it run. */
    private static final int REPEATS = 3;

    private final Map<String, Integer> checks = new TreeMap<>();
    private final List<String> failures = new ArrayList<>();
    private final SplittableRandom random = new SplittableRandom(5);

    @Test
    void gradientsAreSlopes() {
        for (BackendCases.Case c : BackendCases.all()) {
            Network network = c.network();
            Set<String> operators = BackendCases.operators(network.graph());
            boolean single = c.kind().equals("node") && !c.name().contains("_expanded");
            if (!single
                    || c.name().contains("training_dropout")
                    || !Operators.names().containsAll(operators)) {
                continue;
            }
            BackendCases.Data data = c.data().get(0);
            boolean known = data.inputs().stream()
                    .allMatch(t -> t != null && Tensors.isInPyTorch(t.type()) && t.size() < MOST_ELEMENTS);
            if (known && data.outputs().stream().anyMatch(t -> t != null && Doubled.isFloat(t.type()))) {
                check(c.name(), network, data.inputs(), operators);
            }
        }
        extraCases().forEach(this::check);
        check("If", branch(), List.of(OperatorsTest.random(1, 4)), Set.of("If"));
        System.out.printf(
                "Gradients: %d checks of %d operators; without a gradient: %s%n",
                checks.values().stream().mapToInt(Integer::intValue).sum(), checks.size(), withoutGradient());
        failures.forEach(System.out::println);
        assertThat(failures).isEmpty();
        Set<String> unchecked = new TreeSet<>(Operators.names());
        unchecked.removeAll(checks.keySet());
        unchecked.removeAll(withoutGradient());
        assertThat(unchecked).as("operators whose gradient is not checked").isEmpty();
    }

    private static Set<String> withoutGradient() {
        Set<String> names = new TreeSet<>(Operators.names());
        names.removeIf(Operators::isDifferentiable);
        return names;
    }

    /** Operators whose cases in ONNX have no float inputs, or only such as nothing can be said of. */
    private static Stream<OperatorsTest.Case> extraCases() {
        Tensor x = OperatorsTest.random(1, 3, 4);
        return Stream.of(
                OperatorsTest.Case.of("GlobalLpPool", OperatorsTest.random(1, 2, 3, 4, 5)),
                OperatorsTest.Case.of("Trilu", x),
                OperatorsTest.Case.of("Cast", x).with("to", Attribute.of(ElementType.DOUBLE.code())),
                OperatorsTest.Case.of("CastLike", x, OperatorsTest.random(2, 1)));
    }

    /** A branch that squares a value of the graph around it. */
    private static Network branch() {
        Value y = new Value("y", ElementType.FLOAT, null, Opaque.NONE);
        Graph square = new Graph(
                "square",
                List.of(),
                List.of(y),
                List.of(Node.of("Mul", "square", List.of("x", "x"), "y")),
                Map.of(),
                List.of(),
                Opaque.NONE);
        return Network.builder("branch")
                .input("x", 4)
                .weight("yes", Tensor.ofBytes(ElementType.BOOL, new byte[] {1}))
                .node(Node.of("If", "if", List.of("yes"), "z")
                        .with("then_branch", new Attribute.Subgraph(square))
                        .with("else_branch", new Attribute.Subgraph(square)))
                .output(y.named("z"))
                .build();
    }

    private void check(OperatorsTest.Case c) {
        check(
                c.name(),
                c.network(),
                List.copyOf(c.inputs().values()),
                Set.of(c.node().op()));
    }

    private void check(String name, Network network, List<Tensor> given, Set<String> operators) {
        try {
            Network doubled = Doubled.of(network);
            List<Tensor> inputs = new ArrayList<>();
            List<Boolean> moves = new ArrayList<>();
            for (int i = 0; i < given.size(); i++) {
                Tensor tensor = given.get(i);
                boolean moved = Doubled.isFloat(tensor.type()) && tensor.size() > 0 && isLearned(doubled, i);
                moves.add(moved);
                inputs.add(moved ? jittered(tensor) : Doubled.of(tensor));
            }
            if (moves.contains(true) && compare(name, doubled, inputs, moves)) {
                operators.forEach(operator -> checks.merge(operator, 1, Integer::sum));
            }
        } catch (RuntimeException | AssertionError e) {
            failures.add(name + ": " + e.toString().replaceAll("\\s+", " "));
        }
    }

    private static boolean isLearned(Network network, int input) {
        Value value = network.signature().inputs().get(input);
        for (Node node : network.nodes()) {
            int at = node.inputs().indexOf(value.name());
            boolean statistic = node.is("BatchNormalization") && at >= 3;
            if (statistic || at >= 0 && !Operators.isLearned(node, at)) {
                return false;
            }
        }
        return true;
    }

    /** Whether there was a slope to compare: infinite and undefined values have none. */
    private boolean compare(String name, Network network, List<Tensor> inputs, List<Boolean> moves) {
        List<double[]> gradients = List.of();
        for (int i = 0; i < REPEATS; i++) {
            gradients = gradients(network, inputs, moves);
        }
        boolean compared = false;
        for (int i = 0; i < inputs.size(); i++) {
            if (moves.get(i)) {
                double[] direction = DoubleStream.generate(() -> random.nextDouble(-1, 1))
                        .limit(inputs.get(i).size())
                        .toArray();
                double slope = (value(network, moved(inputs, i, direction, STEP))
                                - value(network, moved(inputs, i, direction, -STEP)))
                        / (2 * STEP);
                double gradient = 0;
                for (int k = 0; k < direction.length; k++) {
                    gradient += gradients.get(i)[k] * direction[k];
                }
                if (Double.isFinite(slope)) {
                    compared = true;
                    assertThat(Math.abs(gradient - slope) <= TOLERANCE * Math.max(1, Math.abs(slope)))
                            .as("%s, input %d: gradient %s, slope %s", name, i, gradient, slope)
                            .isTrue();
                }
            }
        }
        return compared;
    }

    private Tensor jittered(Tensor tensor) {
        double[] values = doubles(Doubled.of(tensor));
        for (int i = 0; i < values.length; i++) {
            values[i] += random.nextDouble(-JITTER, JITTER);
        }
        return Doubled.of(values, tensor.shape());
    }

    private static List<Tensor> moved(List<Tensor> inputs, int index, double[] direction, double step) {
        List<Tensor> moved = new ArrayList<>(inputs);
        double[] values = doubles(inputs.get(index));
        for (int i = 0; i < values.length; i++) {
            values[i] += step * direction[i];
        }
        moved.set(index, Doubled.of(values, inputs.get(index).shape()));
        return moved;
    }

    private static double[] doubles(Tensor tensor) {
        double[] values = new double[Math.toIntExact(tensor.size())];
        tensor.data().asDoubleBuffer().get(values);
        return values;
    }

    private static double value(Network network, List<Tensor> inputs) {
        try (NDManager manager = NDManager.newBaseManager(Device.cpu(), "PyTorch")) {
            NDArray sum = weightedSum(NetworkBlock.of(network), arrays(inputs, manager), manager);
            return sum.toDoubleArray()[0];
        }
    }

    private static List<double[]> gradients(Network network, List<Tensor> inputs, List<Boolean> moves) {
        try (NDManager manager = NDManager.newBaseManager(Device.cpu(), "PyTorch");
                GradientCollector collector = Engine.getEngine("PyTorch").newGradientCollector()) {
            NDList arrays = arrays(inputs, manager);
            for (int i = 0; i < arrays.size(); i++) {
                arrays.get(i).setRequiresGradient(moves.get(i));
            }
            NDArray sum = weightedSum(NetworkBlock.of(network), arrays, manager);
            boolean depends = backward(collector, sum);
            List<double[]> gradients = new ArrayList<>();
            for (int i = 0; i < arrays.size(); i++) {
                boolean read = moves.get(i) && depends;
                NDArray gradient = read ? arrays.get(i).getGradient().toType(DataType.FLOAT64, false) : null;
                gradients.add(
                        gradient == null
                                ? new double[Math.toIntExact(inputs.get(i).size())]
                                : gradient.toDoubleArray());
            }
            return gradients;
        }
    }

    /** Whether the sum depends on any input in a way that the engine has a gradient of. */
    private static boolean backward(GradientCollector collector, NDArray sum) {
        try {
            collector.backward(sum);
            return true;
        } catch (EngineException e) {
            assertThat(e).hasMessageContaining("does not require grad");
            return false;
        }
    }

    private static NDList arrays(List<Tensor> inputs, NDManager manager) {
        NDList arrays = new NDList();
        inputs.forEach(tensor -> arrays.add(Tensors.toArray(tensor, manager)));
        return arrays;
    }

    /** A weighted sum of all outputs that are floats. */
    private static NDArray weightedSum(NetworkBlock block, NDList inputs, NDManager manager) {
        NDList outputs = block.forward(new ParameterStore(manager, false), inputs, false);
        NDArray sum = manager.create(0.0);
        SplittableRandom factors = new SplittableRandom(9);
        for (NDArray output : outputs) {
            if (output.getDataType().isFloating() && output.size() > 0) {
                double[] values = factors.doubles(output.size(), 0.5, 1.5).toArray();
                sum = sum.add(
                        output.mul(manager.create(values, output.getShape())).sum());
            }
        }
        return sum;
    }
}
