package pomona.safetensors;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;
import pomona.graph.ElementType;

/** The element types of the format, by the names they have in a file. */
enum Dtype {
    BOOL(ElementType.BOOL),
    F4(ElementType.FLOAT4E2M1),
    U8(ElementType.UINT8),
    I8(ElementType.INT8),
    F8_E5M2(ElementType.FLOAT8E5M2),
    F8_E4M3(ElementType.FLOAT8E4M3FN),
    F8_E5M2FNUZ(ElementType.FLOAT8E5M2FNUZ),
    F8_E4M3FNUZ(ElementType.FLOAT8E4M3FNUZ),
    F8_E8M0(ElementType.FLOAT8E8M0),
    I16(ElementType.INT16),
    U16(ElementType.UINT16),
    F16(ElementType.FLOAT16),
    BF16(ElementType.BFLOAT16),
    I32(ElementType.INT32),
    U32(ElementType.UINT32),
    F32(ElementType.FLOAT),
    C64(ElementType.COMPLEX64),
    F64(ElementType.DOUBLE),
    I64(ElementType.INT64),
    U64(ElementType.UINT64);

    private final ElementType type;

    Dtype(ElementType type) {
        this.type = type;
    }

    ElementType type() {
        return type;
    }

    static Dtype named(String name) {
        return Arrays.stream(values())
                .filter(dtype -> dtype.name().equals(name))
                .findFirst()
                .orElseThrow(
                        () -> new IllegalArgumentException("its type " + name + " is not known; known are " + all()));
    }

    static Dtype of(String weight, ElementType type) {
        return Arrays.stream(values())
                .filter(dtype -> dtype.type == type)
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("Weight " + weight + " is of type "
                        + type.name().toLowerCase(Locale.ROOT) + ", which safetensors has not; it has " + all()));
    }

    private static String all() {
        return Arrays.stream(values()).map(Enum::name).collect(Collectors.joining(", ", "", "."));
    }
}
