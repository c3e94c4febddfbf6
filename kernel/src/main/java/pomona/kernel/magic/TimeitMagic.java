package pomona.kernel.magic;

import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code %timeit}: measures code as JMH does, warm-up first, then several runs of many loops. */
@Command(
        name = "%timeit",
        description = {
            "Measures how long Java takes, run often. The code is repeated until it is compiled and warm; then several"
                    + " runs are timed. It prints mean and standard deviation of one loop. %%%%timeit measures a whole cell.",
            ""
        },
        optionListHeading = "%nOptions:%n")
final class TimeitMagic extends MagicCommand {

    @Option(
            names = {"-n", "--loops"},
            paramLabel = "N",
            description = "Loops of one run; as many as take about 0.2 s if not given.")
    private Long loops;

    @Option(
            names = {"-r", "--runs"},
            paramLabel = "N",
            description = "Runs that are measured (default: ${DEFAULT-VALUE}).")
    private int runs = 7;

    @Option(
            names = {"-w", "--warmup"},
            paramLabel = "SECONDS",
            description = "How long the code is repeated before (default: ${DEFAULT-VALUE}).")
    private double warmup = 1;

    @Option(
            names = {"-q", "--quiet"},
            description = "Prints nothing: for Timing t = %%timeit -q f(x).")
    private boolean quiet;

    @Parameters(paramLabel = "CODE", arity = "0..*", description = "An expression or statements.")
    private List<String> code;

    @Override
    Object run(MagicCall call) throws Exception {
        check(call);
        TimedLoop loop = call.session().loop(call.code(), call.position());
        Timing timing = Timing.measure(loop, loops, runs, warmup);
        if (!quiet) {
            System.out.println(timing);
        }
        return call.assigned() ? timing : null;
    }

    private void check(MagicCall call) {
        if (call.code().isBlank()) {
            throw new MagicException("%timeit needs code to measure on its line, or %%timeit a cell below it.");
        }
        if (loops != null && loops < 1) {
            throw new MagicException("%timeit: --loops is " + loops + ", but must be 1 or more.");
        }
        if (runs < 1) {
            throw new MagicException("%timeit: --runs is " + runs + ", but must be 1 or more.");
        }
        if (!(warmup >= 0 && warmup <= 3600)) {
            throw new MagicException("%timeit: --warmup is " + warmup + ", but must be from 0 to 3600 seconds.");
        }
    }
}
