package pomona.pass;

import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * Makes a pass out of a family, a method and options in text or as objects: what magics and YAML recipes share.
 *
 * <p>A family is a package such as {@code pomona.prune}; its methods are the records named by its {@link Techniques}.
 * Options are the record's components, in camel or kebab case; the options of a component that is itself a record,
 * such as training settings, stand among them.
 */
public final class PassBinding {

    /** What names the technique among options. */
    static final String METHOD = "method";

    private final String family;
    private final Techniques techniques;

    private PassBinding(String family, Techniques techniques) {
        this.family = family;
        this.techniques = techniques;
    }

    /**
     * The family of that name, such as {@code prune}.
     *
     * @throws IllegalArgumentException if there is none
     */
    public static PassBinding of(String family) {
        if (family.matches("[a-z]+")) {
            try {
                Class<?> room = Class.forName("pomona." + family + ".package-info");
                Techniques techniques = room.getAnnotation(Techniques.class);
                if (techniques != null) {
                    return new PassBinding(family, techniques);
                }
            } catch (ClassNotFoundException e) {
                // falls through to the message below: to the user both mean that there is no such family
            }
        }
        throw new IllegalArgumentException("There is no family of techniques " + family
                + "; there is simplify, prune, quantize, distill, fuse and train.");
    }

    /** The family's name. */
    public String family() {
        return family;
    }

    /** The family's methods by name, the default one first. */
    public Map<String, Class<? extends Pass>> methods() {
        Map<String, Class<? extends Pass>> methods = new LinkedHashMap<>();
        for (Class<? extends Pass> technique : techniques.value()) {
            methods.put(methodName(technique), technique);
        }
        return methods;
    }

    /**
     * The technique of that method name; the default one when the name is null.
     *
     * @throws IllegalArgumentException if the family has no such method; the nearest names are offered
     */
    public Class<? extends Pass> technique(String method) {
        Map<String, Class<? extends Pass>> methods = methods();
        if (method == null) {
            return methods.values().iterator().next();
        }
        Class<? extends Pass> technique = methods.get(PassOption.kebab(method));
        if (technique == null) {
            throw new IllegalArgumentException(
                    family + " has no method " + method + NearestNames.suggest(method, methods.keySet()));
        }
        return technique;
    }

    /**
     * The name of the method that options ask for: the default one, or the only one that has them all when the default one
     * has not.
     *
     * @param options by their kebab names
     */
    public String methodWith(Collection<String> options) {
        Map<String, Class<? extends Pass>> methods = methods();
        List<String> able = methods.entrySet().stream()
                .filter(method -> optionNames(method.getValue()).containsAll(options))
                .map(Map.Entry::getKey)
                .toList();
        String usual = methods.keySet().iterator().next();
        return able.size() == 1 ? able.get(0) : usual;
    }

    /**
     * Options in the family's own words, where they are given in its other ones ({@link Techniques#otherWords}): {@code
     * scheme: static, calibrate: train, method: entropy} is {@code method: static, data: train, calibration: entropy}.
     *
     * @param options values by name, {@value #METHOD} among them
     * @throws IllegalArgumentException if one is given in both words
     */
    public Map<String, Object> inOwnWords(Map<String, ?> options) {
        Map<String, String> words = new LinkedHashMap<>();
        for (String pair : techniques.otherWords()) {
            words.put(pair.substring(0, pair.indexOf('=')), pair.substring(pair.indexOf('=') + 1));
        }
        String first = words.isEmpty() ? "" : words.keySet().iterator().next();
        if (!options.containsKey(first)) {
            words.remove(METHOD);
        }
        Map<String, Object> own = new LinkedHashMap<>();
        options.forEach((name, value) -> {
            if (options.containsKey(first) && name.equals(METHOD) && methods().containsKey(String.valueOf(value))) {
                throw new IllegalArgumentException(family + " was given " + first + " and the method " + value
                        + "; beside " + first + ", method is the " + words.get(METHOD) + ", so give " + first + " "
                        + value + " or method " + value + " alone.");
            }
            String word = words.getOrDefault(name, name);
            if (own.containsKey(word)) {
                throw new IllegalArgumentException(
                        family + " was given " + word + " twice, once in another word; give" + " it once.");
            }
            own.put(word, value);
        });
        return own;
    }

    private static List<String> optionNames(Class<?> technique) {
        return options(technique).stream().map(PassOption::kebabName).toList();
    }

    /** The options of a technique, those of nested records in the place of the record. */
    public static List<PassOption> options(Class<?> technique) {
        List<PassOption> options = new ArrayList<>();
        for (PassOption option : PassOption.of(technique)) {
            if (PassOption.isNested(option.type())) {
                options.addAll(options(option.type()));
            } else {
                options.add(option);
            }
        }
        return options;
    }

    /** The methods that have an option, by its kebab name; empty when none has. */
    public List<String> owners(String option) {
        return methods().entrySet().stream()
                .filter(method -> optionNames(method.getValue()).contains(option))
                .map(Map.Entry::getKey)
                .toList();
    }

    /** The end of an error message: whose option it is. */
    public static String belongs(List<String> owners) {
        return "; it is an option of " + String.join(", ", owners) + ".";
    }

    /**
     * Makes the pass.
     *
     * @param method the method's name, or null for the one that the options ask for ({@link #methodWith})
     * @param options values by option name; text is converted, other values are taken as they are
     * @param variables finds the object that a text stands for, for options that are networks, data sets and the like;
     *     throws an IllegalArgumentException with one sentence when there is none
     * @throws IllegalArgumentException if an option is unknown, missing, of the wrong type or out of range
     */
    public Pass bind(String method, Map<String, ?> options, Function<String, Object> variables) {
        List<String> names = options.keySet().stream().map(PassOption::kebab).toList();
        Class<? extends Pass> technique = technique(method == null ? methodWith(names) : method);
        Map<String, Object> given = new LinkedHashMap<>();
        List<String> known = optionNames(technique);
        options.forEach((name, value) -> {
            String kebab = PassOption.kebab(name);
            if (!known.contains(kebab)) {
                List<String> owners = owners(kebab);
                throw new IllegalArgumentException(family + " --method " + methodName(technique) + " has no option "
                        + name
                        + (owners.isEmpty() ? NearestNames.suggest(kebab, known) : belongs(owners)));
            }
            given.put(kebab, value);
        });
        OptionValues values = new OptionValues(family + " --method " + methodName(technique), given, variables);
        return technique.cast(construct(technique, values));
    }

    /**
     * Makes a record of settings, such as those of an evaluation, out of options by kebab name; see {@link #bind}.
     *
     * @param command what to call the settings in messages
     */
    public static <R extends Record> R settings(
            Class<R> type, String command, Map<String, ?> options, Function<String, Object> variables) {
        return type.cast(construct(type, new OptionValues(command, new LinkedHashMap<>(options), variables)));
    }

    private static Object construct(Class<?> type, OptionValues values) {
        RecordComponent[] components = type.getRecordComponents();
        List<PassOption> options = PassOption.of(type);
        Object[] arguments = new Object[components.length];
        for (int i = 0; i < arguments.length; i++) {
            PassOption option = options.get(i);
            arguments[i] = PassOption.isNested(option.type()) ? construct(option.type(), values) : values.get(option);
        }
        try {
            Constructor<?> constructor = type.getDeclaredConstructor(
                    Arrays.stream(components).map(RecordComponent::getType).toArray(Class<?>[]::new));
            return constructor.newInstance(arguments);
        } catch (InvocationTargetException e) {
            if (e.getCause() instanceof RuntimeException cause) {
                throw cause;
            }
            throw new IllegalStateException(type.getSimpleName() + " can not be made.", e.getCause());
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(type.getSimpleName() + " can not be made.", e);
        }
    }

    private String methodName(Class<?> technique) {
        String name = technique.getSimpleName();
        return PassOption.kebab(
                name.endsWith(techniques.ending())
                        ? name.substring(0, name.length() - techniques.ending().length())
                        : name);
    }
}
