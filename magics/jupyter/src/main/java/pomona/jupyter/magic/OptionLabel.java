package pomona.jupyter.magic;

import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import pomona.pass.PassOption;

/** What stands for an option's value in help: {@code NUMBER}, {@code global|layer}, {@code NETWORK}. */
final class OptionLabel {

    private OptionLabel() {}

    static String of(PassOption option) {
        return of(option.genericType());
    }

    private static String of(Type type) {
        if (type instanceof ParameterizedType generic) {
            String element = of(generic.getActualTypeArguments()[0]);
            return generic.getRawType() == List.class ? element + ",..." : of(generic.getRawType());
        }
        if (!(type instanceof Class<?> plain)) {
            return "VALUE";
        }
        Class<?> boxed = java.lang.invoke.MethodType.methodType(plain).wrap().returnType();
        if (boxed == Boolean.class) {
            return "true|false";
        } else if (boxed == Integer.class || boxed == Long.class) {
            return "N";
        } else if (Number.class.isAssignableFrom(boxed)) {
            return "NUMBER";
        } else if (boxed == String.class) {
            return "TEXT";
        } else if (boxed.isEnum()) {
            return Arrays.stream(boxed.getEnumConstants())
                    .map(constant ->
                            ((Enum<?>) constant).name().toLowerCase(Locale.ROOT).replace('_', '-'))
                    .collect(Collectors.joining("|"));
        }
        // The last word says what it is: a RandomAccessDataset is a DATASET, KeptLayers are LAYERS.
        return boxed.getSimpleName().replaceAll(".*(?<=[a-z])(?=[A-Z])", "").toUpperCase(Locale.ROOT);
    }
}
