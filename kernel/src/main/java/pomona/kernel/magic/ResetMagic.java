package pomona.kernel.magic;

import picocli.CommandLine.Command;

/** {@code %reset}: a session as new, in the same process. */
@Command(
        name = "%reset",
        description = {
            "Forgets every variable, method, class and import that cells declared. The class path stays, and so do the"
                    + " default imports.",
            ""
        },
        optionListHeading = "%nOptions:%n")
final class ResetMagic extends MagicCommand {

    @Override
    Object run(MagicCall call) {
        call.session().reset();
        return null;
    }
}
