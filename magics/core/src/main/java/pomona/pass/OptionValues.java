package pomona.pass;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;

/** Converts what was given for options, text or objects, to the types that the options have. */
final class OptionValues {

    /** Larger shares of an error are written as percentages. */
    private static final double LARGEST_SHARE = 0.1;

    private final String command;
    private final Map<String, Object> given;
    private final Function<String, Object> variables;

    OptionValues(String command, Map<String, Object> given, Function<String, Object> variables) {
        this.command = command;
        this.given = given;
        this.variables = variables;
    }

    Object get(PassOption option) {
        Object value = given.get(option.kebabName());
        if (value == null) {
            value = option.defaultText();
        }
        if (value == null) {
            throw new IllegalArgumentException(command + " needs the option " + option.kebabName()
                    + (option.description().isEmpty() ? "" : ": " + option.description()) + ".");
        }
        Object converted = convert(option.kebabName(), value, option.genericType());
        if (option.isPercentage() && converted instanceof Double share && share > LARGEST_SHARE) {
            requirePercent(option.kebabName(), value.toString().trim(), share);
        }
        return converted;
    }

    private static void requirePercent(String name, String text, double share) {
        if (!text.endsWith("%") && share <= 1) {
            String percent = BigDecimal.valueOf(share)
                    .scaleByPowerOfTen(2)
                    .stripTrailingZeros()
                    .toPlainString();
            throw new IllegalArgumentException(name + " is " + text + ", which is " + percent + " percent; write "
                    + text + "% or " + percent + "%, whichever is meant.");
        }
    }

    private Object convert(String name, Object value, Type type) {
        if (type instanceof ParameterizedType generic && generic.getRawType() == List.class) {
            return list(name, value, generic.getActualTypeArguments()[0]);
        }
        Class<?> wanted = (Class<?>) (type instanceof ParameterizedType generic ? generic.getRawType() : type);
        if (boxed(wanted).isInstance(value)) {
            return value;
        }
        if (value instanceof Number || value instanceof Boolean || value instanceof CharSequence) {
            return fromText(name, value.toString().trim(), boxed(wanted));
        }
        throw wrongType(name, value, wanted);
    }

    private List<Object> list(String name, Object value, Type element) {
        List<Object> converted = new ArrayList<>();
        List<?> items = value instanceof List<?> list
                ? list
                : Arrays.stream(value.toString().split(",")).map(String::trim).toList();
        for (Object item : items) {
            if (!item.equals("")) {
                converted.add(convert(name, item, element));
            }
        }
        return converted;
    }

    private Object fromText(String name, String text, Class<?> wanted) {
        if (wanted == String.class) {
            return text;
        } else if (wanted == Path.class) {
            return Path.of(text);
        } else if (wanted == Boolean.class) {
            return bool(name, text);
        } else if (Number.class.isAssignableFrom(wanted)) {
            return number(name, text, wanted);
        } else if (wanted.isEnum()) {
            return constant(name, text, wanted);
        } else if (PassOption.isText(wanted)) {
            return parse(name, text, wanted);
        } else if (text.equals("none")) {
            return null;
        }
        Object object = variables.apply(text);
        if (!wanted.isInstance(object)) {
            throw wrongType(name + " (" + text + ")", object, wanted);
        }
        return object;
    }

    /** A value of a type that has a form in text. */
    private static Object parse(String name, String text, Class<?> wanted) {
        try {
            return wanted.getMethod("parse", String.class).invoke(null, text);
        } catch (InvocationTargetException e) {
            if (e.getCause() instanceof IllegalArgumentException cause) {
                throw cause;
            }
            throw new IllegalStateException(name + " can not be read.", e.getCause());
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(name + " can not be read.", e);
        }
    }

    private static Object bool(String name, String text) {
        return switch (text) {
            case "true", "yes", "" -> true;
            case "false", "no" -> false;
            default -> throw new IllegalArgumentException(name + " is " + text + "; it takes true or false.");
        };
    }

    /** A number as Java writes it, or a percentage for options with a fraction. */
    private static Object number(String name, String text, Class<?> wanted) {
        boolean whole = wanted == Integer.class || wanted == Long.class;
        try {
            String digits = text.replace("_", "");
            if (whole) {
                long number = Long.parseLong(digits);
                return wanted == Long.class ? (Object) number : (Object) Math.toIntExact(number);
            }
            double number = digits.endsWith("%")
                    ? Double.parseDouble(digits.substring(0, digits.length() - 1)) / 100
                    : Double.parseDouble(digits);
            return wanted == Float.class ? (Object) (float) number : (Object) number;
        } catch (NumberFormatException | ArithmeticException e) {
            throw new IllegalArgumentException(
                    name + " is " + text + "; it takes a " + (whole ? "whole number." : "number."), e);
        }
    }

    private static Object constant(String name, String text, Class<?> wanted) {
        for (Object constant : wanted.getEnumConstants()) {
            if (PassOption.describe(constant).equals(PassOption.kebab(text))) {
                return constant;
            }
        }
        String choices = Arrays.stream(wanted.getEnumConstants())
                .map(PassOption::describe)
                .collect(Collectors.joining(", "));
        throw new IllegalArgumentException(name + " is " + text + "; it takes one of " + choices + ".");
    }

    private static IllegalArgumentException wrongType(String name, Object value, Class<?> wanted) {
        return new IllegalArgumentException(name + " is "
                + (value == null ? "null" : withArticle(value.getClass().getSimpleName())) + ", but it takes "
                + withArticle(wanted.getSimpleName()) + ".");
    }

    private static String withArticle(String noun) {
        return ("AEIOU".indexOf(noun.charAt(0)) >= 0 ? "an " : "a ") + noun;
    }

    private static Class<?> boxed(Class<?> type) {
        return java.lang.invoke.MethodType.methodType(type).wrap().returnType();
    }
}
