import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import pomona.onnx.Onnx;
import pomona.quantize.DynamicQuantization;

/** Quantizes a file dynamically, as often as asked: the seconds of each call, and the most memory the process held. */
final class Quantizing {

    public static void main(String[] arguments) throws Exception {
        for (int i = 0; i < Integer.parseInt(arguments[2]); i++) {
            long start = System.nanoTime();
            DynamicQuantization pass = new DynamicQuantization().withOperators("Gemm,MatMul,Gather,LSTM");
            Onnx.write(Onnx.read(Path.of(arguments[0])).apply(pass), Path.of(arguments[1]));
            System.out.printf(Locale.ROOT, "  call %d: %.2f s%n", i + 1, (System.nanoTime() - start) / 1e9);
        }
        Files.readAllLines(Path.of("/proc/self/status")).stream()
                .filter(line -> line.startsWith("VmHWM") || line.startsWith("RssAnon"))
                .forEach(line -> System.out.println("  " + line.replaceAll("\\s+", " ")));
    }
}
