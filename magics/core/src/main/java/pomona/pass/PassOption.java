package pomona.pass;

import java.lang.reflect.Modifier;
import java.lang.reflect.RecordComponent;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import pomona.graph.Network;

/** One option of a technique, as its record declares it. */
public final class PassOption {

    private final RecordComponent component;

    private PassOption(RecordComponent component) {
        this.component = component;
    }

    /** The options of a technique, in order. */
    public static List<PassOption> of(Class<?> technique) {
        RecordComponent[] components = technique.getRecordComponents();
        return components == null
                ? List.of()
                : Arrays.stream(components).map(PassOption::new).toList();
    }

    /** The option's name in Java, such as {@code batchSize}. */
    public String name() {
        return component.getName();
    }

    /** The option's name in a magic and in YAML, such as {@code batch-size}. */
    public String kebabName() {
        return kebab(name());
    }

    /** The option's type. */
    public Class<?> type() {
        return component.getType();
    }

    /** The option's type with its type arguments. */
    public java.lang.reflect.Type genericType() {
        return component.getGenericType();
    }

    /** What the option does; empty when it is not described. */
    public String description() {
        Option option = component.getAnnotation(Option.class);
        return option == null ? "" : option.value();
    }

    /** The default as text, or null when the option must be given. */
    public String defaultText() {
        Option option = component.getAnnotation(Option.class);
        return option == null || option.defaultsTo().equals(Option.REQUIRED) ? null : option.defaultsTo();
    }

    /** Whether plain numbers are refused that were probably meant as percentages; see {@link Option#percentage}. */
    boolean isPercentage() {
        Option option = component.getAnnotation(Option.class);
        return option != null && option.percentage();
    }

    Object get(Object technique) {
        try {
            component.getAccessor().setAccessible(true);
            return component.getAccessor().invoke(technique);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("The option " + name() + " can not be read.", e);
        }
    }

    /** The options of a record by name, as text; those of nested records stand among them, as in a magic. */
    static Map<String, String> describeAll(Object technique) {
        Map<String, String> described = new LinkedHashMap<>();
        for (PassOption option : of(technique.getClass())) {
            Object value = option.get(technique);
            if (value != null && isNested(option.type())) {
                described.putAll(describeAll(value));
            } else {
                described.put(option.name(), describe(value));
            }
        }
        return described;
    }

    /** Whether a type has a form in text: a static method {@code parse} that reads what its {@code toString} gives. */
    static boolean isText(Class<?> type) {
        return Arrays.stream(type.getMethods())
                .anyMatch(method -> method.getName().equals("parse")
                        && Modifier.isStatic(method.getModifiers())
                        && method.getReturnType() == type
                        && Arrays.equals(method.getParameterTypes(), new Class<?>[] {String.class}));
    }

    /** Whether a type is a record whose components are options themselves. */
    static boolean isNested(Class<?> type) {
        return type.isRecord() && !of(type).isEmpty() && !isText(type);
    }

    /** The value as text for provenance: short, the same every time, and without addresses in memory. */
    static String describe(Object value) {
        if (value == null) {
            return "none";
        }
        if (value instanceof Enum<?> e) {
            return kebab(e.name());
        }
        if (value instanceof Network n) {
            return n.name();
        }
        if (isText(value.getClass())) {
            return value.toString();
        }
        if (value instanceof List<?> list) {
            return list.stream().map(PassOption::describe).collect(Collectors.joining(", ", "[", "]"));
        }
        if (value instanceof Map<?, ?> map) {
            return map.entrySet().stream()
                    .map(e -> describe(e.getKey()) + ": " + describe(e.getValue()))
                    .collect(Collectors.joining(", ", "{", "}"));
        }
        if (value instanceof Record r) {
            return of(r.getClass()).stream()
                    .map(option -> option.name() + "=" + describe(option.get(r)))
                    .collect(Collectors.joining(", ", "(", ")"));
        }
        boolean hasText = value instanceof Number || value instanceof CharSequence || value instanceof Boolean;
        return hasText ? value.toString() : value.getClass().getSimpleName();
    }

    /** {@code batchSize} and {@code BatchSize} and {@code BATCH_SIZE} to {@code batch-size}. */
    static String kebab(String name) {
        String words = name.matches("[A-Z0-9_]+") ? name : name.replaceAll("(?<=[a-z0-9])(?=[A-Z])", "-");
        return words.replace('_', '-').toLowerCase(Locale.ROOT);
    }
}
