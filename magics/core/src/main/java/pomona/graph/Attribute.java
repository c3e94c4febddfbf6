package pomona.graph;

import java.util.List;

/** The value of an operator's attribute, one record per kind that ONNX has. */
public sealed interface Attribute {

    /** A 64-bit integer. */
    record Int(long value) implements Attribute {}

    /** A 32-bit float. */
    record Real(float value) implements Attribute {}

    /** Bytes, mostly UTF-8 text. */
    record Text(String value) implements Attribute {}

    /** A tensor. */
    record Constant(Tensor value) implements Attribute {}

    /** A sub-graph, as of If, Loop and Scan. */
    record Subgraph(Graph value) implements Attribute {}

    /** Integers. */
    record Ints(List<Long> values) implements Attribute {
        public Ints {
            values = List.copyOf(values);
        }
    }

    /** Floats. */
    record Reals(List<Float> values) implements Attribute {
        public Reals {
            values = List.copyOf(values);
        }
    }

    /** Texts. */
    record Texts(List<String> values) implements Attribute {
        public Texts {
            values = List.copyOf(values);
        }
    }

    /** Any other kind (sparse tensors, types, references of functions, bytes that are not text), kept as it was. */
    record Other(Opaque proto) implements Attribute {}

    static Attribute of(long value) {
        return new Int(value);
    }

    static Attribute of(float value) {
        return new Real(value);
    }

    static Attribute of(String value) {
        return new Text(value);
    }

    static Attribute of(Tensor value) {
        return new Constant(value);
    }

    /** Integers, as for kernel shapes, strides and pads. */
    static Attribute ofInts(long... values) {
        return new Ints(java.util.Arrays.stream(values).boxed().toList());
    }
}
