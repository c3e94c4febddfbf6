package pomona.jupyter.render;

import java.util.List;
import java.util.stream.Collectors;
import pomona.evaluate.Profile;
import pomona.graph.Network;
import pomona.graph.Step;
import pomona.graph.Tensor;
import pomona.graph.Value;
import pomona.report.Report;

/** Shows a network: what it takes and gives, how large it is, its layers, and the steps that made it. */
final class NetworkView implements View<Network> {

    /** Longer lists of layers are folded until the reader opens them. */
    private static final int OPEN_ROWS = 16;

    @Override
    public String html(Network network) {
        StringBuilder out =
                new StringBuilder("<h4>").append(Html.escape(network.name())).append("</h4>");
        out.append("<p>").append(values(network.signature().inputs())).append(" <span class=\"pomona-dim\">→</span> ");
        out.append(values(network.signature().outputs())).append("</p>");
        out.append(facts(network).html());
        out.append(layers(network)).append(provenance(network));
        return Html.frame(out.toString());
    }

    @Override
    public String text(Network network) {
        Profile profile = Profile.of(network);
        String layers = (profile.sizesText().isEmpty() ? "" : "layers " + profile.sizesText() + "\n")
                + TableView.sheet(Report.profile(profile)).text();
        String steps = network.provenance().isEmpty()
                ? ""
                : "\n\nmade by "
                        + network.provenance().stream().map(Step::toString).collect(Collectors.joining(" -> "));
        return network.name() + " " + network.signature() + "\n"
                + facts(network).text() + "\n\n" + layers + steps;
    }

    private static String layers(Network network) {
        Profile profile = Profile.of(network);
        Sheet sheet = TableView.sheet(Report.profile(profile));
        String open = sheet.rows().size() <= OPEN_ROWS ? " open" : "";
        return "<details" + open + "><summary>" + Html.escape(("layers " + profile.sizesText()).strip()) + "</summary>"
                + sheet.html() + "</details>";
    }

    private static Facts facts(Network network) {
        long parameters = network.parameters();
        long bytes =
                network.weights().values().stream().mapToLong(Tensor::bytes).sum();
        return new Facts()
                .add("parameters", Quantity.count(parameters))
                .add("non-zeros", Quantity.share(network.nonZeros(), parameters))
                .add("weights", Quantity.bytes(bytes))
                .add("operators", Quantity.count(network.nodes().size()))
                .add("opset", Long.toString(network.opset()));
    }

    private static String values(List<Value> values) {
        return values.stream()
                .map(value -> "<code>" + Html.escape(value.toString()) + "</code>")
                .collect(Collectors.joining(", "));
    }

    private static String provenance(Network network) {
        if (network.provenance().isEmpty()) {
            return "";
        }
        return network.provenance().stream()
                .map(NetworkView::step)
                .collect(Collectors.joining("", "<p class=\"pomona-label\">made by</p><ol>", "</ol>"));
    }

    private static String step(Step step) {
        String options = step.options().entrySet().stream()
                .map(option -> Html.escape(option.getKey()) + "&nbsp;<b>" + Html.escape(option.getValue()) + "</b>")
                .collect(Collectors.joining(", "));
        return "<li>" + Html.escape(step.name())
                + (options.isEmpty() ? "" : " <span class=\"pomona-dim\">" + options + "</span>") + "</li>";
    }
}
