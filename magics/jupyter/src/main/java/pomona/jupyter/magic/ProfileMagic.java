package pomona.jupyter.magic;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import pomona.evaluate.Profile;
import pomona.evaluate.SampleFeeds;
import pomona.graph.Network;
import pomona.pass.Option;
import pomona.report.Report;
import tech.tablesaw.api.Table;

/** {@code %profile NETWORK}: where parameters, work, bytes and time of a network lie, layer by layer. */
final class ProfileMagic extends Magic<Table> {

    private static final String SIZES = "sizes";
    private static final String TIMES = "times";
    private static final int RUNS = 20;

    /** Whether the network is run. */
    private record Timing(
            @Option(
                    value = "measures the time of each layer on ONNX Runtime, averaged over " + RUNS + " runs",
                    defaultsTo = "false")
            boolean times) {}

    ProfileMagic(Session session) {
        super(session);
    }

    @Override
    MagicCommand command(List<String> words) {
        return new MagicCommand(
                        "profile",
                        "Shows a network layer by layer: parameters, zeros, multiply-accumulates, bytes, and the time of each"
                                + " layer if it is asked for.")
                .argument("NETWORK", "1", "the variable that holds the network")
                .option(
                        SIZES,
                        "NAME=N,...",
                        "sizes that the network leaves open, such as batch=1,sequence=64; others count as 1, and as 64 with"
                                + " --times when they are not the batch")
                .options(Timing.class);
    }

    @Override
    Table run(List<String> args) {
        MagicArguments given = command(args).parse(args);
        Network network = network(given.first());
        Map<String, Long> sizes = sizes(given.options().get(SIZES));
        Profile counted = Profile.of(network, sizes);
        return Report.profile(
                "true".equals(given.options().get(TIMES))
                        ? Profile.measure(network, SampleFeeds.of(network, sizes), RUNS)
                        : counted);
    }

    private static Map<String, Long> sizes(String text) {
        Map<String, Long> sizes = new LinkedHashMap<>();
        for (String size : text == null ? new String[0] : text.split(",")) {
            int equals = size.indexOf('=');
            try {
                sizes.put(
                        size.substring(0, Math.max(0, equals)).strip(),
                        Long.valueOf(size.substring(equals + 1).strip()));
            } catch (NumberFormatException e) {
                throw wrong(text, e);
            }
            if (equals < 1) {
                throw wrong(text, null);
            }
        }
        return sizes;
    }

    private static IllegalArgumentException wrong(String text, Exception cause) {
        return new IllegalArgumentException(
                "sizes is " + text + "; it takes names with whole numbers, such as batch=1,sequence=64.", cause);
    }
}
