package pomona.jupyter.render;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** Named values side by side, the value large and its name below it. */
final class Facts {

    private record Fact(String name, String value) {}

    private final List<Fact> facts = new ArrayList<>();

    Facts add(String name, String value) {
        facts.add(new Fact(name, value));
        return this;
    }

    String html() {
        return facts.stream()
                .map(fact -> "<div><dt>" + Html.escape(fact.name()) + "</dt><dd>" + Html.escape(fact.value())
                        + "</dd></div>")
                .collect(Collectors.joining("", "<dl>", "</dl>"));
    }

    String text() {
        return facts.stream().map(fact -> fact.name() + " " + fact.value()).collect(Collectors.joining(", "));
    }
}
