package pomona.kernel.magic;

import picocli.CommandLine.Command;

/** {@code %lsmagic}: what magics there are. */
@Command(
        name = "%lsmagic",
        description = {"Lists the magics; %%NAME --help tells more of one.", ""},
        optionListHeading = "%nOptions:%n")
final class LsMagic extends MagicCommand {

    @Override
    Object run(MagicCall call) {
        ListTable table = new ListTable("magic", "what it does");
        for (String magic : call.session().magics()) {
            table.row(magic, call.session().summary(magic));
        }
        call.session().display(table.display());
        return null;
    }
}
