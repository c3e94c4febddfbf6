package pomona.kernel.magic;

import picocli.CommandLine.Option;

/** One of the kernel's magics: its fields are its options and arguments, filled by picocli for one call. */
abstract class MagicCommand {

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "Shows this help.")
    private boolean help;

    /**
     * Does the work.
     *
     * @return the magic's value, or null when it has none
     */
    abstract Object run(MagicCall call) throws Exception;

    /**
     * One use of a magic.
     *
     * @param session where it runs
     * @param code for magics that take Java or shell text: that text; else empty
     * @param position where the code begins in the cell
     * @param assigned whether the magic's value is assigned
     * @param body the lines below a cell magic; null for a line magic
     */
    record MagicCall(LiveSession session, String code, int position, boolean assigned, String body) {

        boolean ofCell() {
            return body != null;
        }
    }
}
