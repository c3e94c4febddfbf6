package pomona.djl;

import ai.djl.ndarray.types.Shape;
import java.util.List;

/**
 * One operation that a block did on an array while it was watched.
 *
 * @param path the block that did it
 * @param method the method, {@code ex.} before those of NDArrayEx
 * @param args the receiver and then the arguments: {@link Ref}, numbers, flags, and lists of them; null stays null
 * @param input the shape of the receiver
 * @param result what was made
 * @param shape the shape of what was made
 */
record TracedCall(String path, String method, List<Object> args, Shape input, Ref result, Shape shape) {

    /** The name of a value that was made, fed, or learned. */
    record Ref(String name) {

        /** A further result of the operation that made this; 0 is this one. */
        Ref part(int number) {
            return number == 0 ? this : new Ref(name + "." + number);
        }
    }
}
