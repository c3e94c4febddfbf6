package pomona.kernel.magic;

import picocli.CommandLine.Command;

/** {@code %time}: what is left of it is its help, since the kernel runs the code as if the magic were not there. */
@Command(
        name = "%time",
        customSynopsis = {"%%time STATEMENT", "Type x = %%time EXPRESSION", "%%%%time on a cell's first line"},
        description = {
            "Tells how long Java takes to run once. It prints the time that passed, and the processor time of all"
                    + " threads. Compiling is not counted. Variables that it declares stay.",
            ""
        },
        optionListHeading = "%nOptions:%n")
final class TimeMagic extends MagicCommand {

    @Override
    Object run(MagicCall call) {
        throw new MagicException("%time needs a statement to time on its line, or %%time a cell below it.");
    }
}
