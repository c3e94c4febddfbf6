package pomona.djl;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.internal.NDArrayEx;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.Map;
import java.util.Set;

/** Stands behind a watched array and its internals: answers questions, writes down operations, refuses the rest. */
final class TracedArray implements InvocationHandler {

    private static final Set<String> QUESTIONS = Set.of(
            "getShape",
            "getDataType",
            "getDevice",
            "getManager",
            "getName",
            "setName",
            "getUid",
            "getSparseFormat",
            "hasGradient",
            "isReleased");

    /** Watched arrays live as long as the trace, whatever a block does about it. */
    private static final Set<String> LIFE =
            Set.of("attach", "tempAttach", "detach", "close", "returnResource", "setRequiresGradient");

    private static final Map<String, String> IN_PLACE =
            Map.of("addi", "add", "subi", "sub", "muli", "mul", "divi", "div", "powi", "pow", "negi", "neg");

    private static final Set<String> OVERLOADED = Set.of("get", "split");

    private final Trace trace;
    private NDArray real;
    private String name;

    TracedArray(Trace trace, NDArray real, String name) {
        this.trace = trace;
        this.real = real;
        this.name = name;
    }

    NDArray real() {
        return real;
    }

    String name() {
        return name;
    }

    @Override
    public Object invoke(Object proxy, Method method, Object[] args) throws Throwable {
        String called = method.getName();
        boolean internals = proxy instanceof NDArrayEx;
        if (method.getDeclaringClass() == Object.class) {
            return switch (called) {
                case "hashCode" -> System.identityHashCode(proxy);
                case "equals" -> proxy == args[0];
                default -> "watched " + name;
            };
        }
        if (internals && called.equals("getArray")) {
            return trace.watch(real, name);
        }
        if (called.equals("getNDArrayInternal")) {
            return trace.watchInternals(this);
        }
        if (QUESTIONS.contains(called)) {
            return Trace.call(method, real, args);
        }
        if (LIFE.contains(called)) {
            return null;
        }
        if (IN_PLACE.containsKey(called)) {
            return replace(proxy, IN_PLACE.get(called), method, args);
        }
        if (called.equals("get") && args[args.length - 1] instanceof NDIndex) {
            Method pick = NDArray.class.getMethod("get", NDIndex.class);
            return trace.record("get", this, real, pick, new Object[] {args[args.length - 1]});
        }
        String key = internals ? "ex." + called : called;
        // Defaults lead to the operation itself, with plainer arguments; but for equal parts, which engines cut
        // themselves.
        boolean equalParts = called.equals("split") && args.length == 2 && args[0] instanceof Long;
        boolean shorthand = method.isDefault() && OVERLOADED.contains(key) && !equalParts;
        if (BlockOps.knows(key) && !shorthand) {
            return trace.record(key, this, internals ? real.getNDArrayInternal() : real, method, args);
        }
        if (method.isDefault()) {
            return InvocationHandler.invokeDefault(proxy, method, args);
        }
        if (called.equals("toByteBuffer")) {
            throw new Trace.Refusal(
                    trace.path(), "it reads the elements of an array, or joins it to an array that was made elsewhere");
        }
        if (called.equals("getIndexer")) {
            throw new Trace.Refusal(trace.path(), "it picks elements of an array, for which there is no operator");
        }
        throw new Trace.Refusal(trace.path(), "it calls " + called + " on an array, for which there is no operator");
    }

    /** An operation in place makes another value in the network; this array stands for that one from now on. */
    private Object replace(Object proxy, String plain, Method method, Object[] args) throws Throwable {
        Method pure = NDArray.class.getMethod(plain, method.getParameterTypes());
        TracedArray made = (TracedArray) Proxy.getInvocationHandler(trace.record(plain, this, real, pure, args));
        real = made.real;
        name = made.name;
        return proxy;
    }
}
