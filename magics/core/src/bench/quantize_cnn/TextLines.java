import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.dataset.ArrayDataset;
import ai.djl.training.dataset.RandomAccessDataset;
import java.awt.Color;
import java.awt.Font;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * Pictures of lines of text and the text that they show, drawn in several typefaces, sizes, slants and shades, with noise.
 * In the form that PP-OCR's recognizers take: 3 channels of 48 by 320 from -1 to 1, padded with zeros on the right.
 */
final class TextLines {

    static final int HEIGHT = 48;
    static final int WIDTH = 320;

    private static final String[] WORDS = ("the of and to in is that for it was on are with they be at one have this from or had by"
                    + " hot but some what there we can out other were all your when up use word how said an each she which do"
                    + " their time if will way about many then them would write like so these her long make thing see him two"
                    + " has look more day could go come did my sound no most number who over know water than call first people"
                    + " may down side been now find any new work part take get place made live where after back little only"
                    + " round man year came show every good me give our under name very through just form much great think say"
                    + " help low line before turn cause same mean differ move right boy old too does tell sentence set three"
                    + " want air well also play small end put home read hand port large spell add even land here must big high"
                    + " Invoice Total Street Berlin London Paris Monday March Company Limited Price Order Phone Account")
            .split(" ");

    private static final String[] FACES = {Font.SANS_SERIF, Font.SERIF, Font.MONOSPACED};

    final List<String> texts = new ArrayList<>();
    final float[] pixels;

    /** Draws lines, the same ones for the same seed. */
    TextLines(int count, long seed) {
        Random random = new Random(seed);
        pixels = new float[count * 3 * HEIGHT * WIDTH];
        for (int i = 0; i < count; i++) {
            String text = text(random);
            texts.add(text);
            draw(text, random, i * 3 * HEIGHT * WIDTH);
        }
    }

    RandomAccessDataset data(NDManager manager) {
        return new ArrayDataset.Builder()
                .setData(manager.create(pixels, new Shape(texts.size(), 3, HEIGHT, WIDTH)))
                .setSampling(1, false)
                .build();
    }

    private static String text(Random random) {
        StringBuilder text = new StringBuilder();
        int words = 2 + random.nextInt(2);
        for (int i = 0; i < words; i++) {
            String word = random.nextInt(5) == 0
                    ? Integer.toString(random.nextInt(100_000))
                    : WORDS[random.nextInt(WORDS.length)];
            text.append(i == 0 ? "" : " ").append(word);
        }
        return text.toString();
    }

    private void draw(String text, Random random, int at) {
        BufferedImage image = new BufferedImage(WIDTH, HEIGHT, BufferedImage.TYPE_INT_RGB);
        Graphics2D graphics = image.createGraphics();
        graphics.setRenderingHint(RenderingHints.KEY_TEXT_ANTIALIASING, RenderingHints.VALUE_TEXT_ANTIALIAS_ON);
        int paper = 150 + random.nextInt(106);
        graphics.setColor(new Color(paper, paper, Math.min(255, paper + random.nextInt(20))));
        graphics.fillRect(0, 0, WIDTH, HEIGHT);
        int ink = random.nextInt(90);
        graphics.setColor(new Color(ink, random.nextInt(90), ink));
        int style = random.nextInt(4);
        int size = 18 + random.nextInt(13);
        Font font = new Font(FACES[random.nextInt(FACES.length)], style, size);
        while (graphics.getFontMetrics(font).stringWidth(text) > WIDTH - 12) {
            font = font.deriveFont((float) --size);
        }
        graphics.setFont(font);
        graphics.rotate((random.nextDouble() - 0.5) * 0.03, WIDTH / 2.0, HEIGHT / 2.0);
        int width = graphics.getFontMetrics().stringWidth(text) + 10;
        graphics.drawString(text, 5, 24 + size / 3 + random.nextInt(5) - 2);
        graphics.dispose();
        double noise = random.nextInt(20);
        for (int channel = 0; channel < 3; channel++) {
            for (int y = 0; y < HEIGHT; y++) {
                for (int x = 0; x < Math.min(width, WIDTH); x++) {
                    // The recognizers were trained on pictures whose first channel is blue.
                    int value = image.getRGB(x, y) >> 8 * channel & 0xFF;
                    double noisy = Math.max(0, Math.min(255, value + noise * random.nextGaussian()));
                    pixels[at + (channel * HEIGHT + y) * WIDTH + x] = (float) (noisy / 127.5 - 1);
                }
            }
        }
    }
}
