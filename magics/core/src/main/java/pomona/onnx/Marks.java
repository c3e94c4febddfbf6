package pomona.onnx;

import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import com.google.protobuf.UnknownFieldSet;

/**
 * Remembers, in the kept part of a message, how a file said something that it could have said otherwise, so that it is
 * written the same way again. A mark is a field of a number that ONNX does not use; it is never written to a file.
 */
enum Marks {

    /** The elements of a tensor lie in the field of their type, not in raw bytes. */
    TYPED_DATA,

    /** The graph has no name, or one that exporters give to all; the mark holds the one it was given. */
    GIVEN_NAME,

    /** The operator was an initializer of few non-zeros. */
    SPARSE_INITIALIZER,

    /** The name that exporters give to all, where the graph was given another. */
    GENERIC_NAME;

    /** Near the end of the numbers that a field can have. */
    private static final int FIRST = 536_870_000;

    private int number() {
        return FIRST + ordinal();
    }

    /** Puts this mark on a message. */
    void put(Message.Builder message, ByteString content) {
        UnknownFieldSet.Field field =
                UnknownFieldSet.Field.newBuilder().addLengthDelimited(content).build();
        message.setUnknownFields(
                message.getUnknownFields().toBuilder().addField(number(), field).build());
    }

    /** Takes this mark off a message, and gives what it holds, or null when it is not there. */
    ByteString take(Message.Builder message) {
        UnknownFieldSet fields = message.getUnknownFields();
        if (!fields.hasField(number())) {
            return null;
        }
        message.setUnknownFields(fields.toBuilder().clearField(number()).build());
        var content = fields.getField(number()).getLengthDelimitedList();
        return content.isEmpty() ? ByteString.EMPTY : content.get(0);
    }
}
