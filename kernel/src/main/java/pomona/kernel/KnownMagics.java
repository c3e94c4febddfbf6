package pomona.kernel;

import java.lang.reflect.Modifier;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.lang.reflect.TypeVariable;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import org.dflib.jjava.jupyter.kernel.magic.CellMagic;
import org.dflib.jjava.jupyter.kernel.magic.LineMagic;
import org.dflib.jjava.jupyter.kernel.magic.MagicsRegistry;
import pomona.kernel.magic.KernelMagic;
import pomona.kernel.magic.Spelling;

/** The registered magics, with what the registry of jjava forgets: the objects, hence the types they return. */
final class KnownMagics extends MagicsRegistry {

    private final Map<String, Object> lines = new ConcurrentHashMap<>();
    private final Map<String, Object> cells = new ConcurrentHashMap<>();

    @Override
    public MagicsRegistry registerLineMagic(String name, LineMagic<?, ?> magic) {
        lines.put(name, magic);
        return super.registerLineMagic(name, magic);
    }

    @Override
    public MagicsRegistry registerCellMagic(String name, CellMagic<?, ?> magic) {
        cells.put(name, magic);
        return super.registerCellMagic(name, magic);
    }

    /** The Java spelling of what a magic returns; null when unknown, nothing, or not public. */
    String returnType(String name, boolean line) {
        Object magic = (line ? lines : cells).get(name);
        if (magic == null) {
            return null;
        }
        if (magic instanceof KernelMagic own) {
            return own.type();
        }
        Type type = resolve(magic.getClass(), line ? LineMagic.class : CellMagic.class, Map.of());
        String spelled = spell(type instanceof TypeVariable<?> ? told(magic) : type);
        return "java.lang.Void".equals(spelled) || "java.lang.Object".equals(spelled) ? null : spelled;
    }

    /** How a magic's line is read. */
    KernelMagic.Kind kind(String name, boolean line) {
        return (line ? lines : cells).get(name) instanceof KernelMagic own ? own.kind() : KernelMagic.Kind.WORDS;
    }

    /** The folder that relative paths on lines begin in. */
    Path folder() {
        return lines.get("cd") instanceof KernelMagic own
                ? own.folder()
                : Path.of("").toAbsolutePath();
    }

    /** The registered object, or null. */
    Object magic(String name, boolean line) {
        return (line ? lines : cells).get(name);
    }

    /** What a magic is for, in one sentence; empty when it does not say. */
    String summary(String name, boolean line) {
        Object magic = magic(name, line);
        return magic == null ? "" : MagicSpecs.summary(magic);
    }

    /** One sentence for a magic that is not registered, naming the nearest ones. */
    String unknown(String name, boolean line) {
        String mark = line ? "%" : "%%";
        Set<String> known = new TreeSet<>((line ? lines : cells).keySet());
        List<String> near = Spelling.nearest(name, known);
        String start = "There is no magic " + mark + name;
        if (!near.isEmpty()) {
            return start + "; did you mean "
                    + near.stream().map(other -> mark + other).collect(Collectors.joining(" or ")) + "?";
        }
        if (known.isEmpty()) {
            return start + "; none is registered.";
        }
        return start + "; there are "
                + known.stream().map(other -> mark + other).collect(Collectors.joining(" ")) + ".";
    }

    /** The magics whose names start with a prefix, sorted. */
    List<String> startingWith(String prefix, boolean line) {
        return new TreeSet<>((line ? lines : cells).keySet())
                .stream().filter(name -> name.startsWith(prefix)).toList();
    }

    /** Finds what the interface's first type parameter stands for in a class, or null. */
    private static Type resolve(Class<?> type, Class<?> wanted, Map<TypeVariable<?>, Type> bound) {
        List<Type> parents = new ArrayList<>(Arrays.asList(type.getGenericInterfaces()));
        if (type.getGenericSuperclass() != null) {
            parents.add(type.getGenericSuperclass());
        }
        for (Type parent : parents) {
            if (parent instanceof ParameterizedType generic && generic.getRawType() instanceof Class<?> raw) {
                Map<TypeVariable<?>, Type> inner = new java.util.HashMap<>();
                Type[] arguments = generic.getActualTypeArguments();
                for (int i = 0; i < arguments.length; i++) {
                    inner.put(raw.getTypeParameters()[i], bound.getOrDefault(arguments[i], arguments[i]));
                }
                Type found = raw == wanted ? inner.get(raw.getTypeParameters()[0]) : resolve(raw, wanted, inner);
                if (found != null) {
                    return found;
                }
            } else if (parent instanceof Class<?> plain && plain != Object.class) {
                Type found = resolve(plain, wanted, Map.of());
                if (found != null) {
                    return found;
                }
            }
        }
        return null;
    }

    /** What a magic of many types says of itself in a method {@code Class type()}, or null. */
    private static Type told(Object magic) {
        try {
            return magic.getClass().getMethod("type").invoke(magic) instanceof Class<?> type ? type : null;
        } catch (ReflectiveOperationException e) {
            return null;
        }
    }

    private static String spell(Type type) {
        if (type instanceof Class<?> plain) {
            return isPublic(plain) ? plain.getCanonicalName() : null;
        }
        if (type instanceof ParameterizedType generic) {
            String raw = spell(generic.getRawType());
            List<String> arguments = Arrays.stream(generic.getActualTypeArguments())
                    .map(KnownMagics::spell)
                    .toList();
            return raw == null || arguments.contains(null) ? raw : raw + "<" + String.join(", ", arguments) + ">";
        }
        return null;
    }

    private static boolean isPublic(Class<?> type) {
        if (type.isArray()) {
            return isPublic(type.getComponentType());
        }
        for (Class<?> outer = type; outer != null; outer = outer.getEnclosingClass()) {
            if (!Modifier.isPublic(outer.getModifiers())) {
                return false;
            }
        }
        return type.getCanonicalName() != null;
    }
}
