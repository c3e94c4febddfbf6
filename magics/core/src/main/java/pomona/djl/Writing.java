package pomona.djl;

import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.util.List;
import java.util.Map;
import pomona.djl.TracedCall.Ref;
import pomona.graph.Attribute;
import pomona.graph.Tensor;

/** One traced operation while it is written as operators of a network. */
record Writing(TraceWriter writer, TracedCall call, TracedCall other) {

    /** The argument at that place, the receiver being 0; refused when it depends on the batch. */
    Object arg(int index) {
        Object here = call.args().get(index);
        Object there = other.args().get(index);
        if (here == null ? there != null : !here.equals(there)) {
            throw refusal("what it gives to " + method() + " depends on the size of the batch");
        }
        return here;
    }

    int count() {
        return call.args().size();
    }

    float number(int index) {
        return ((Number) arg(index)).floatValue();
    }

    boolean flag(int index) {
        return Boolean.TRUE.equals(arg(index));
    }

    @SuppressWarnings("unchecked")
    long[] longs(int index) {
        return ((List<Long>) arg(index)).stream().mapToLong(Long::longValue).toArray();
    }

    /** The value of an argument that is an array or a number; a number becomes a constant. */
    String value(int index) {
        Object arg = arg(index);
        if (arg instanceof Ref ref) {
            return writer.value(ref);
        }
        if (arg instanceof Number number) {
            return scalar(number.floatValue());
        }
        throw refusal("it calls " + method() + " with " + arg);
    }

    String self() {
        return value(0);
    }

    @SuppressWarnings("unchecked")
    List<String> values(int index) {
        return ((List<Ref>) arg(index)).stream().map(writer::value).toList();
    }

    int rank() {
        return call.input().dimension();
    }

    Shape input() {
        return call.input();
    }

    int axis(int index) {
        int axis = ((Number) arg(index)).intValue();
        return axis < 0 ? axis + rank() : axis;
    }

    String scalar(float value) {
        return writer.constant(call.path() + ".constant", Tensor.scalar(value));
    }

    String longsConstant(long... values) {
        return writer.constant(call.path() + ".shape", Tensor.ofLongs(values, values.length));
    }

    /** Adds an operator on the way to the result. */
    String step(String op, List<String> inputs, Map<String, Attribute> attributes) {
        return writer.node(call.path(), op, inputs, attributes);
    }

    String step(String op, String... inputs) {
        return step(op, List.of(inputs), Map.of());
    }

    /** Adds the operator that makes the result. */
    void result(String op, List<String> inputs, Map<String, Attribute> attributes) {
        made(step(op, inputs, attributes));
    }

    void result(String op, String... inputs) {
        result(op, List.of(inputs), Map.of());
    }

    /** The tensors behind an argument that is a list of parameters. */
    @SuppressWarnings("unchecked")
    List<Tensor> tensors(int index) {
        return ((List<Ref>) arg(index)).stream().map(writer::tensor).toList();
    }

    /** Adds an operator with several outputs on the way to the result. */
    List<String> steps(String op, List<String> inputs, Map<String, Attribute> attributes, int outputs) {
        return writer.nodes(call.path(), op, inputs, attributes, outputs);
    }

    /** One of several results is a value that exists already. */
    void made(int number, String value) {
        writer.made(call.result().part(number), value);
    }

    /** The result is a value that exists already. */
    void made(String value) {
        writer.made(call.result(), value);
    }

    DataType type(int index) {
        return (DataType) arg(index);
    }

    Trace.Refusal refusal(String reason) {
        return new Trace.Refusal(call.path(), reason);
    }

    String method() {
        return call.method().replaceFirst("^ex\\.", "");
    }
}
