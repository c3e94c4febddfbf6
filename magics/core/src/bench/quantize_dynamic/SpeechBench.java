import java.io.File;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import javax.sound.sampled.AudioInputStream;
import javax.sound.sampled.AudioSystem;
import pomona.djl.RuntimeSession;
import pomona.graph.Network;
import pomona.graph.Tensor;
import pomona.onnx.Onnx;
import pomona.quantize.ActivationType;
import pomona.quantize.DynamicQuantization;
import pomona.quantize.KeptLayers;
import pomona.quantize.LayerChoice;
import pomona.quantize.RangeSettings;
import pomona.quantize.StaticQuantization;

/**
 * A published detector of speech, whose convolutions and LSTM lie in If branches, on spoken sentences with pauses: how far
 * the probability of speech is from that of floats, and on how many frames the decision is another. Ranges of static quantization are measured on other sentences, by
 * another voice.
 */
final class SpeechBench {

    private static final int RATE = 16_000;
    private static final int FRAME = 512;

    /** How many sensitive layers to leave in float. */
    private static final int[] KEPT = {1, 4};

    /** How often each network hears the sound, in turns. */
    private static final int ROUNDS = 5;

    /** @param arguments the sound to judge on, the sound to measure ranges on, and networks */
    public static void main(String[] arguments) throws Exception {
        float[] sound = sound(new File(arguments[0]));
        float[] other = sound(new File(arguments[1]));
        for (int i = 2; i < arguments.length; i++) {
            Network network = Onnx.read(Path.of(arguments[i]));
            String name = Path.of(arguments[i]).getFileName().toString();
            compare(name + " dynamic", network, network.apply(new DynamicQuantization()), sound);
            List<Map<String, Tensor>> fed = new ArrayList<>();
            try (RuntimeSession session = RuntimeSession.open(network, 1)) {
                listen(session, other, fed);
            }
            // The search for sensitive layers looks at the first records only.
            Collections.shuffle(fed, new Random(1));
            StaticQuantization all = new StaticQuantization(new Frames(network.inputs(), fed), fed.size());
            Network integers = network.apply(all);
            compare(name + " static", network, integers, sound);
            String left = integers.provenance().get(integers.provenance().size() - 1).options().getOrDefault("leftFloat", "");
            System.out.println("  layers that stay float, recurrent or since no frame ran their branch: "
                    + (left.isEmpty() ? 0 : left.split(";").length));
            StaticQuantization wide = all.with(RangeSettings.MIN_MAX.with(ActivationType.UINT16));
            compare(name + " static, --activations uint16", network, network.apply(wide), sound);
            for (int kept : KEPT) {
                StaticQuantization fewer = all.with(LayerChoice.ALL.with(new KeptLayers(kept)));
                compare(name + " static, --keep-float " + kept, network, network.apply(fewer), sound);
            }
        }
    }

    private static void compare(String name, Network network, Network small, float[] sound) {
        float[] wanted = null;
        float[] got = null;
        double[][] seconds = new double[2][ROUNDS];
        try (RuntimeSession whole = RuntimeSession.open(network, 1);
                RuntimeSession bytes = RuntimeSession.open(small, 1)) {
            for (int round = -1; round < ROUNDS; round++) {
                long start = System.nanoTime();
                wanted = listen(whole, sound, new ArrayList<>());
                long middle = System.nanoTime();
                got = listen(bytes, sound, new ArrayList<>());
                if (round >= 0) {
                    seconds[0][round] = (middle - start) / 1e9;
                    seconds[1][round] = (System.nanoTime() - middle) / 1e9;
                }
            }
        }
        for (double[] times : seconds) {
            Arrays.sort(times);
        }
        report(name, network, small, wanted, got, new double[] {seconds[0][ROUNDS / 2], seconds[1][ROUNDS / 2]});
    }

    private static void report(
            String name, Network network, Network small, float[] wanted, float[] got, double[] seconds) {
        double difference = 0;
        int other = 0;
        int speech = 0;
        for (int i = 0; i < wanted.length; i++) {
            difference += Math.abs(wanted[i] - got[i]) / wanted.length;
            other += wanted[i] > 0.5 == got[i] > 0.5 ? 0 : 1;
            speech += wanted[i] > 0.5 ? 1 : 0;
        }
        System.out.printf(
                Locale.ROOT,
                "%s: %.2f -> %.2f MB; %d frames, %d of speech; decides otherwise on %d, mean difference of probability"
                        + " %.4f; %.2f -> %.2f ms a frame%n",
                name,
                Onnx.size(network) / 1e6,
                Onnx.size(small) / 1e6,
                wanted.length,
                speech,
                other,
                difference,
                1000 * seconds[0] / wanted.length,
                1000 * seconds[1] / wanted.length);
    }

    /** The probability of speech in each frame. */
    private static float[] listen(RuntimeSession session, float[] sound, List<Map<String, Tensor>> fed) {
        float[] speech = new float[sound.length / FRAME];
        Map<String, Tensor> feeds = new LinkedHashMap<>();
        feeds.put("sr", Tensor.scalar((long) RATE));
        session.signature().inputs().forEach(input -> {
            switch (input.name()) {
                case "state" -> feeds.put("state", Tensor.ofFloats(new float[256], 2, 1, 128));
                case "h", "c" -> feeds.put(input.name(), Tensor.ofFloats(new float[128], 2, 1, 64));
                default -> {}
            }
        });
        boolean context = feeds.containsKey("state");
        int before = context ? 64 : 0;
        for (int frame = 0; frame < speech.length; frame++) {
            float[] heard = new float[before + FRAME];
            for (int i = 0; i < heard.length; i++) {
                int at = frame * FRAME - before + i;
                heard[i] = at < 0 ? 0 : sound[at];
            }
            feeds.put("input", Tensor.ofFloats(heard, 1, heard.length));
            fed.add(Map.copyOf(feeds));
            Map<String, Tensor> made = session.run(feeds);
            speech[frame] = made.get("output").toFloatArray()[0];
            Map.of("stateN", "state", "hn", "h", "cn", "c").forEach((from, to) -> {
                if (made.containsKey(from)) {
                    feeds.put(to, made.get(from));
                }
            });
        }
        return speech;
    }

    /** A file of one channel of 16 bits, at another rate than the network's, between its samples by straight lines. */
    private static float[] sound(File file) throws Exception {
        try (AudioInputStream in = AudioSystem.getAudioInputStream(file)) {
            double step = in.getFormat().getSampleRate() / RATE;
            byte[] bytes = in.readAllBytes();
            java.nio.ShortBuffer samples = java.nio.ByteBuffer.wrap(bytes)
                    .order(java.nio.ByteOrder.LITTLE_ENDIAN)
                    .asShortBuffer();
            float[] sound = new float[(int) ((samples.limit() - 1) / step)];
            for (int i = 0; i < sound.length; i++) {
                int at = (int) (i * step);
                double part = i * step - at;
                sound[i] = (float) (((1 - part) * samples.get(at) + part * samples.get(at + 1)) / 32768);
            }
            return sound;
        }
    }
}
