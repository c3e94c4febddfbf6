package pomona.kernel.install;

/** The kernel can not be installed as asked; the message is one sentence for the user. */
public final class InstallException extends Exception {

    private static final long serialVersionUID = 1L;

    public InstallException(String message) {
        super(message);
    }
}
