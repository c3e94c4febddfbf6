package pomona.kernel.protocol;

import java.io.IOException;

/** A cell reads {@code System.in}, and the front end that runs it has said that it takes no questions. */
public final class StdinNotAllowedException extends IOException {

    private static final long serialVersionUID = 1;

    StdinNotAllowedException() {
        super("This front end gives no input to cells.");
    }
}
