package pomona.djl;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import pomona.Python;
import pomona.graph.Attribute;
import pomona.graph.ElementType;
import pomona.graph.Graph;
import pomona.graph.Network;
import pomona.graph.Node;
import pomona.graph.Tensor;
import pomona.onnx.Onnx;

/** ONNX's own backend test cases, written as files by the Python package onnx of the tests' environment. */
final class BackendCases {

    /** A network with inputs and the outputs that they must give, all in order; null for what is no tensor. */
    record Data(List<Tensor> inputs, List<Tensor> outputs, double relative, double absolute) {}

    /** One case; its network is read when it is asked for. */
    record Case(String kind, String name, Path folder) {

        Network network() {
            return Onnx.read(folder.resolve("model.onnx"));
        }

        List<Data> data() {
            List<Data> sets = new ArrayList<>();
            for (int n = 0; Files.exists(folder.resolve("data_" + n + ".onnx")); n++) {
                Network data = Onnx.read(folder.resolve("data_" + n + ".onnx"));
                Map<String, String> settings = data.metadata();
                Set<String> others = Set.of(settings.get("others").split(","));
                sets.add(new Data(
                        tensors(data, "in_", others),
                        tensors(data, "out_", others),
                        Double.parseDouble(settings.get("rtol")),
                        Double.parseDouble(settings.get("atol"))));
            }
            return sets;
        }

        @Override
        public String toString() {
            return kind + " " + name;
        }
    }

    private static Path folder;

    private BackendCases() {}

    /** All cases, in the order of their names. */
    static synchronized List<Case> all() {
        if (folder == null) {
            folder = written();
        }
        List<Case> cases = new ArrayList<>();
        for (String kind : List.of("node", "pytorch-operator", "pytorch-converted")) {
            try (Stream<Path> folders = Files.list(folder.resolve(kind))) {
                folders.sorted()
                        .forEach(f -> cases.add(new Case(kind, f.getFileName().toString(), f)));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        return cases;
    }

    /** The version of the Python package. */
    static synchronized String version() {
        try {
            return Files.readString(folder.resolve("version"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The standard operators of a graph and its sub-graphs; those of other domains with their domain before them. */
    static Set<String> operators(Graph graph) {
        Set<String> operators = new LinkedHashSet<>();
        for (Node node : graph.nodes()) {
            operators.add(node.domain().isEmpty() ? node.op() : node.domain() + ":" + node.op());
            for (Attribute attribute : node.attributes().values()) {
                if (attribute instanceof Attribute.Subgraph subgraph) {
                    operators.addAll(operators(subgraph.value()));
                }
            }
        }
        return operators;
    }

    /**
     * The first element type of a case that the engine has no arrays of.
     *
     * @throws AssertionError if there is none, so that there was no reason to refuse the case
     */
    static String foreignType(Case c, Network network) {
        Set<ElementType> types = new LinkedHashSet<>();
        collect(network.graph(), types);
        for (Data data : c.data()) {
            Stream.concat(data.inputs().stream(), data.outputs().stream())
                    .forEach(tensor -> types.add(tensor == null ? null : tensor.type()));
        }
        for (ElementType type : types) {
            if (type == null || !Tensors.isInPyTorch(type)) {
                return type == null ? "sequence or optional" : type.name().toLowerCase(Locale.ROOT);
            }
        }
        throw new AssertionError(c + " was refused without a reason.");
    }

    private static void collect(Graph graph, Set<ElementType> types) {
        Stream.of(graph.inputs(), graph.outputs()).flatMap(List::stream).forEach(value -> types.add(value.type()));
        graph.weights().values().forEach(tensor -> types.add(tensor.type()));
        for (Node node : graph.nodes()) {
            node.attributes().forEach((name, attribute) -> {
                if (attribute instanceof Attribute.Subgraph subgraph) {
                    collect(subgraph.value(), types);
                } else if (attribute instanceof Attribute.Constant constant) {
                    types.add(constant.value().type());
                } else if (attribute instanceof Attribute.Texts || attribute instanceof Attribute.Text) {
                    types.add(node.is("Constant") ? ElementType.STRING : ElementType.FLOAT);
                } else if (attribute instanceof Attribute.Int code && (name.equals("to") || name.equals("dtype"))) {
                    types.add(ElementType.ofCode((int) code.value()));
                }
            });
        }
    }

    private static List<Tensor> tensors(Network data, String prefix, Set<String> others) {
        List<Tensor> tensors = new ArrayList<>();
        for (int i = 0; ; i++) {
            String name = prefix + i;
            if (others.contains(name)) {
                tensors.add(null);
            } else if (data.weights().containsKey(name)) {
                tensors.add(data.weight(name));
            } else {
                return tensors;
            }
        }
    }

    /** Runs the script once; the cases stay in the build folder until it is cleaned or the script changes. */
    private static Path written() {
        Path script = Path.of("src/test/python/backend_cases.py").toAbsolutePath();
        Path target = Path.of("target/backend-cases").toAbsolutePath();
        try {
            Path mark = target.resolve("version");
            boolean fresh = Files.exists(mark)
                    && Files.getLastModifiedTime(mark).compareTo(Files.getLastModifiedTime(script)) > 0;
            if (!fresh) {
                Files.createDirectories(target);
                Python.run("backend_cases.py", target);
            }
            return target;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
