package pomona.djl;

import ai.djl.Device;
import ai.djl.engine.EngineException;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.internal.NDArrayEx;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import ai.djl.training.ParameterStore;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import pomona.djl.TracedCall.Ref;
import pomona.graph.Tensor;

/**
 * Watches what blocks do: they are run on arrays that compute as usual and write down every operation.
 *
 * <p>That way a block is known by what it computes, whether it is one of DJL's own, a lambda, or a user's class.
 */
final class Trace {

    private static final Set<String> ARITHMETIC =
            Set.of("add", "sub", "mul", "div", "pow", "maximum", "minimum", "ex.rsub", "ex.rdiv");

    private final NDManager manager;
    private final Map<Parameter, String> parameterNames;
    private final List<TracedCall> calls = new ArrayList<>();
    private final Map<String, Tensor> constants = new LinkedHashMap<>();
    private String path = "";

    Trace(NDManager manager, Map<Parameter, String> parameterNames) {
        this.manager = manager;
        this.parameterNames = parameterNames;
    }

    List<TracedCall> calls() {
        return calls;
    }

    /** Arrays that blocks made of nothing, by the names they were given here. */
    Map<String, Tensor> constants() {
        return constants;
    }

    /** Says which block is at work from now on. */
    void enter(String blockPath) {
        path = blockPath;
    }

    String path() {
        return path;
    }

    /** An array to feed. */
    NDArray input(String name, Shape shape) {
        return watch(manager.zeros(shape), name);
    }

    /** Gives blocks their parameters as watched arrays. */
    ParameterStore store() {
        return new ParameterStore(manager, false) {
            @Override
            public NDArray getValue(Parameter parameter, Device device, boolean training) {
                if (parameter == null) {
                    return null;
                }
                String name = parameterNames.get(parameter);
                if (name == null) {
                    throw new Refusal(
                            path,
                            "it has a parameter " + parameter.getName()
                                    + " that is not among its parameters in the block tree");
                }
                int dot = name.lastIndexOf('.');
                path = dot < 0 ? path : name.substring(0, dot);
                return watch(parameter.getArray(), name);
            }
        };
    }

    /** The name of a watched array; an array that was not watched becomes a constant. */
    Ref ref(NDArray array) {
        if (Proxy.isProxyClass(array.getClass())) {
            return new Ref(handler(array).name());
        }
        String name = "constant_" + (constants.size() + 1);
        constants.put(name, Tensors.of(array));
        return new Ref(name);
    }

    /** Does an operation for real and writes it down. */
    Object record(String method, TracedArray receiver, Object target, Method real, Object[] args) throws Throwable {
        List<Object> written = new ArrayList<>();
        written.add(new Ref(receiver.name()));
        for (Object arg : args == null ? new Object[0] : args) {
            written.add(
                    arg instanceof NDIndex index
                            ? picked(index, receiver)
                            : plain(likeReceiver(method, receiver, arg)));
        }
        Object result = result(method, receiver, real, target, args);
        if (method.equals("split")) {
            // Parts are asked for by where they end, or by how many there are.
            written.set(1, ends((NDList) result, ((Number) args[1]).intValue()));
        }
        NDArray array = result instanceof NDList list ? list.head() : (NDArray) result;
        Ref made = new Ref("%" + (calls.size() + 1));
        Shape input = receiver.real().getShape();
        calls.add(new TracedCall(path, method, Collections.unmodifiableList(written), input, made, array.getShape()));
        NDArray watched = watch(array, made.name());
        if (!(result instanceof NDList list)) {
            return watched;
        }
        NDList all = new NDList(watched);
        for (int i = 1; i < list.size(); i++) {
            all.add(watch(list.get(i), made.part(i).name()));
        }
        return all;
    }

    /** What an operation makes; for one that the engine does not have, zeros of the same shape. */
    private Object result(String method, TracedArray receiver, Method real, Object target, Object[] args)
            throws Throwable {
        try {
            return call(real, target, args);
        } catch (UnsupportedOperationException e) {
            if (method.equals("ex.deconvolution")) {
                return new NDList(manager.zeros(deconvolved(receiver.real().getShape(), args)));
            }
            if (method.equals("ex.prelu")) {
                return new NDList(((NDArray) real(args[0])).duplicate());
            }
            throw new Refusal(path, "the PyTorch engine has no " + method.replace("ex.", ""));
        } catch (EngineException e) {
            throw new Refusal(path, "the PyTorch engine can not run it (" + firstLine(e) + ")");
        }
    }

    /** A block's own refusal to run, with its path. */
    Refusal refused(int batch, IllegalArgumentException e) {
        return new Refusal(path, "it does not take a batch of " + batch + " (" + firstLine(e) + ")");
    }

    /** The places where the parts of an array end, but for the last. */
    private static List<Long> ends(NDList parts, int axis) {
        List<Long> ends = new ArrayList<>();
        long end = 0;
        for (NDArray part : parts.subList(0, parts.size() - 1)) {
            end += part.size(axis < 0 ? axis + part.getShape().dimension() : axis);
            ends.add(end);
        }
        return ends;
    }

    /** Operators take both operands in one type; the engine turns whole numbers into the floats that they meet. */
    private static Object likeReceiver(String method, TracedArray receiver, Object arg) {
        DataType type = receiver.real().getDataType();
        boolean constant = arg instanceof NDArray && !Proxy.isProxyClass(arg.getClass());
        boolean mixed = constant && ARITHMETIC.contains(method) && type.isFloating();
        return mixed ? ((NDArray) arg).toType(type, false) : arg;
    }

    private static String firstLine(RuntimeException e) {
        return String.valueOf(e.getMessage())
                .lines()
                .findFirst()
                .orElse("")
                .strip()
                .replaceFirst("[.]$", "");
    }

    /** The arguments are input, weight, bias, and then stride, padding, output padding, dilation and groups. */
    private static Shape deconvolved(Shape input, Object[] args) {
        Shape weight = ((NDArray) args[1]).getShape();
        long[] shape = input.getShape().clone();
        shape[1] = weight.get(0);
        for (int i = 2; i < shape.length; i++) {
            long window = ((Shape) args[6]).get(i - 2) * (weight.get(i) - 1) + 1;
            long pads = 2 * ((Shape) args[4]).get(i - 2);
            shape[i] = (shape[i] - 1) * ((Shape) args[3]).get(i - 2) - pads + window + ((Shape) args[5]).get(i - 2);
        }
        return new Shape(shape);
    }

    private List<List<Long>> picked(NDIndex index, TracedArray receiver) {
        List<List<Long>> cuts =
                PickWriters.plain(index, receiver.real().getShape().dimension());
        if (cuts == null) {
            throw new Refusal(path, "it picks elements of an array by an array, for which there is no operator");
        }
        return cuts;
    }

    NDArray watch(NDArray real, String name) {
        TracedArray handler = new TracedArray(this, real, name);
        Class<?>[] faces = {NDArray.class};
        return (NDArray) Proxy.newProxyInstance(Trace.class.getClassLoader(), faces, handler);
    }

    NDArrayEx watchInternals(TracedArray handler) {
        Class<?>[] faces = {NDArrayEx.class};
        return (NDArrayEx) Proxy.newProxyInstance(Trace.class.getClassLoader(), faces, handler);
    }

    /** Calls a method of a real array with real arrays. */
    static Object call(Method method, Object target, Object[] args) throws Throwable {
        Object[] real =
                args == null ? null : Arrays.stream(args).map(Trace::real).toArray();
        try {
            return method.invoke(target, real);
        } catch (InvocationTargetException e) {
            throw e.getCause();
        }
    }

    private static Object real(Object arg) {
        if (arg instanceof NDList list) {
            NDList result = new NDList(list.size());
            list.forEach(array -> result.add((NDArray) real(array)));
            return result;
        }
        boolean watched = arg instanceof NDArray && Proxy.isProxyClass(arg.getClass());
        return watched ? handler(arg).real() : arg;
    }

    private static TracedArray handler(Object proxy) {
        return (TracedArray) Proxy.getInvocationHandler(proxy);
    }

    /** An argument as data that can be compared. */
    private Object plain(Object arg) {
        if (arg instanceof NDArray array) {
            return ref(array);
        }
        if (arg instanceof NDList list) {
            return list.stream().map(this::ref).toList();
        }
        if (arg instanceof Shape shape) {
            return Arrays.stream(shape.getShape()).boxed().toList();
        }
        if (arg instanceof long[] values) {
            return Arrays.stream(values).boxed().toList();
        }
        if (arg instanceof int[] values) {
            return Arrays.stream(values).mapToLong(v -> v).boxed().toList();
        }
        return arg;
    }

    /** Thrown when a block does what no operator does. */
    static final class Refusal extends IllegalArgumentException {

        private static final long serialVersionUID = 1;

        Refusal(String path, String reason) {
            super("Block " + path + " can not become part of a network: " + reason + ".");
        }
    }
}
