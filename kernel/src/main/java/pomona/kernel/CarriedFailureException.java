package pomona.kernel;

/** Carries the failure of code that a magic ran out to the cell that called the magic. */
final class CarriedFailureException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final transient Failure failure;

    CarriedFailureException(Failure failure, Throwable cause) {
        super(failure.sentence(), cause);
        this.failure = failure;
    }

    Failure failure() {
        return failure;
    }
}
