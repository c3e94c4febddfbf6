import java.lang.reflect.Method;
import java.net.URI;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;
import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import javax.tools.ForwardingJavaFileManager;
import javax.tools.JavaFileManager;
import javax.tools.StandardJavaFileManager;

/**
 * What the check that lets a cell be interrupted costs: the same loops as the compiler makes them and as cells run them,
 * in turn in one process. Started by {@code kernel/src/bench/check_cost}, with the options of an installed kernel.
 */
public final class CheckCost {

    private static final String SOURCE = """
            public class Work {
                static final float[] A = new float[1 << 16], B = new float[1 << 16];
                static final int[] N = new int[1 << 16];
                static { for (int i = 0; i < A.length; i++) { A[i] = i % 13; B[i] = i % 7; N[i] = i ^ 77; } }
                public static double dotProduct() {
                    double sum = 0;
                    for (int i = 0; i < A.length; i++) sum += A[i] * B[i];
                    return sum;
                }
                public static double scaledSum() {
                    for (int i = 0; i < A.length; i++) A[i] = 0.5f * A[i] + B[i];
                    return A[77];
                }
                public static double matrixProduct() {
                    int n = 64; double out = 0;
                    for (int i = 0; i < n; i++) for (int j = 0; j < n; j++) {
                        float s = 0;
                        for (int k = 0; k < n; k++) s += A[i * n + k] * B[k * n + j];
                        out += s;
                    }
                    return out;
                }
                public static double sieve() {
                    boolean[] composite = new boolean[1 << 16]; int primes = 0;
                    for (int i = 2; i < composite.length; i++) {
                        if (composite[i]) continue;
                        primes++;
                        for (int j = 2 * i; j < composite.length; j += i) composite[j] = true;
                    }
                    return primes;
                }
                public static double mandelbrot() {
                    int inside = 0;
                    for (int py = 0; py < 40; py++) for (int px = 0; px < 40; px++) {
                        double x0 = px / 20.0 - 1.5, y0 = py / 20.0 - 1, x = 0, y = 0; int k = 0;
                        while (x * x + y * y < 4 && k < 100) { double t = x * x - y * y + x0; y = 2 * x * y + y0; x = t; k++; }
                        if (k == 100) inside++;
                    }
                    return inside;
                }
                public static double wordCount() {
                    var counts = new java.util.HashMap<String, Integer>();
                    for (int i = 0; i < 4000; i++) counts.merge("w" + N[i] % 97, 1, Integer::sum);
                    return counts.size();
                }
                static int fib(int n) { return n < 2 ? n : fib(n - 1) + fib(n - 2); }
                public static double recursion() { return fib(20); }
            }
            """;

    private static final int ROUNDS = 60;

    public static void main(String[] args) throws Exception {
        byte[] plain = compile();
        Method weave = Class.forName("pomona.kernel.CancellationWeaver").getDeclaredMethod("weave", byte[].class);
        weave.setAccessible(true);
        Map<String, Method> without = methods(plain);
        Map<String, Method> with = methods((byte[]) weave.invoke(null, plain));
        System.out.println("| loop | µs without | µs with the check | cost % |");
        System.out.println("|---|---:|---:|---:|");
        double product = 1;
        for (String name : without.keySet()) {
            double[] times = compare(without.get(name), with.get(name));
            product *= times[1] / times[0];
            System.out.printf("| %s | %.1f | %.1f | %.1f |%n", name, times[0], times[1], 100 * (times[1] / times[0] - 1));
        }
        double mean = Math.pow(product, 1.0 / without.size());
        System.out.printf("| geometric mean | | | %.1f |%n", 100 * (mean - 1));
    }

    /** The least time of a call, without and with, over rounds that take turns. */
    private static double[] compare(Method without, Method with) throws Exception {
        int calls = 1;
        while (time(without, calls) < 4_000_000 || time(with, calls) < 4_000_000) {
            calls *= 2;
        }
        double[] least = {Double.MAX_VALUE, Double.MAX_VALUE};
        for (int round = 0; round < ROUNDS + 100; round++) {
            double a = time(without, calls) / 1e3 / calls;
            double b = time(with, calls) / 1e3 / calls;
            if (round >= 100) {
                least[0] = Math.min(least[0], a);
                least[1] = Math.min(least[1], b);
            }
        }
        return least;
    }

    private static long time(Method work, int calls) throws Exception {
        long start = System.nanoTime();
        for (int i = 0; i < calls; i++) {
            work.invoke(null);
        }
        return System.nanoTime() - start;
    }

    private static Map<String, Method> methods(byte[] bytes) throws Exception {
        Class<?> work = new ClassLoader(CheckCost.class.getClassLoader()) {
            Class<?> define() {
                return defineClass("Work", bytes, 0, bytes.length);
            }
        }.define();
        Map<String, Method> found = new TreeMap<>();
        for (Method method : work.getDeclaredMethods()) {
            if (method.getReturnType() == double.class) {
                found.put(method.getName(), method);
            }
        }
        return found;
    }

    private static byte[] compile() {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        var compiler = ToolProvider.getSystemJavaCompiler();
        StandardJavaFileManager standard = compiler.getStandardFileManager(null, null, null);
        JavaFileManager files = new ForwardingJavaFileManager<>(standard) {
            @Override
            public JavaFileObject getJavaFileForOutput(
                    Location location, String name, JavaFileObject.Kind kind, javax.tools.FileObject sibling) {
                return new SimpleJavaFileObject(URI.create("mem:///" + name + ".class"), kind) {
                    @Override
                    public OutputStream openOutputStream() {
                        return bytes;
                    }
                };
            }
        };
        JavaFileObject source = new SimpleJavaFileObject(URI.create("mem:///Work.java"), JavaFileObject.Kind.SOURCE) {
            @Override
            public CharSequence getCharContent(boolean ignoreErrors) {
                return SOURCE;
            }
        };
        compiler.getTask(null, files, null, List.of(), null, new ArrayList<>(Arrays.asList(source))).call();
        return bytes.toByteArray();
    }
}
