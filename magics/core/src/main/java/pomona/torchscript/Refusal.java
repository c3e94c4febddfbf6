package pomona.torchscript;

/** Code that can not become operators of a network, with its place. */
final class Refusal extends IllegalArgumentException {

    private static final long serialVersionUID = 1;

    Refusal(String message) {
        super(message);
    }

    /** A refusal of something in a line of a code file. */
    static Refusal at(String file, int line, String why) {
        return new Refusal(file + ", line " + line + ": " + why);
    }
}
