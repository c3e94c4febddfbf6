package pomona.graph;

import java.util.ArrayList;
import java.util.List;

/**
 * An element type and a shape, each of which may be unknown.
 *
 * @param type the element type, or null
 * @param shape the dimensions, or null when even their number is unknown
 */
record ValueType(ElementType type, List<Dimension> shape) {

    static final ValueType UNKNOWN = new ValueType(null, null);

    ValueType {
        shape = shape == null ? null : List.copyOf(shape);
    }

    Value named(String name) {
        return new Value(name, type, shape, Opaque.NONE);
    }

    /** This, with what is unknown taken from what a file declares. */
    ValueType orElse(Value declared) {
        if (declared == null) {
            return this;
        }
        ElementType known = type == null ? declared.type() : type;
        if (shape == null
                || declared.shape() == null
                || shape.size() != declared.shape().size()) {
            return new ValueType(known, shape == null ? declared.shape() : shape);
        }
        List<Dimension> merged = new ArrayList<>();
        for (int i = 0; i < shape.size(); i++) {
            Dimension mine = shape.get(i);
            Dimension theirs = declared.shape().get(i);
            merged.add(mine.isFixed() || !theirs.isFixed() && !mine.symbol().isEmpty() ? mine : theirs);
        }
        return new ValueType(known, merged);
    }

    /** What two descriptions of the same value say together. */
    ValueType unite(ValueType other) {
        if (shape == null || other.shape == null || shape.size() != other.shape.size()) {
            return new ValueType(type == null ? other.type : type, shape == null ? other.shape : shape);
        }
        List<Dimension> united = new ArrayList<>();
        for (int i = 0; i < shape.size(); i++) {
            united.add(Dimensions.unite(shape.get(i), other.shape.get(i)));
        }
        return new ValueType(type == null ? other.type : type, united);
    }
}
