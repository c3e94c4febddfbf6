package pomona.jupyter.render;

import pomona.evaluate.Tradeoff;

/** Shows in one line what a technique gained and what it cost. */
final class TradeoffView implements View<Tradeoff> {

    @Override
    public String html(Tradeoff tradeoff) {
        return Html.frame(
                "<p><b>" + Html.escape(tradeoff.after()) + "</b> " + Html.sentence(tradeoff.toString()) + "</p>");
    }

    @Override
    public String text(Tradeoff tradeoff) {
        return tradeoff.after() + ": " + tradeoff;
    }
}
