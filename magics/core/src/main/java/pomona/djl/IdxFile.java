package pomona.djl;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.PushbackInputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;

/**
 * The contents of an IDX file of unsigned bytes, plain or compressed by gzip.
 *
 * <p>The format is that of the MNIST database (yann.lecun.com/exdb/mnist): two zero bytes, the element type, the number
 * of dimensions, the dimensions as big-endian 32-bit integers, the elements.
 *
 * @param dims the dimensions; the first one counts the records
 * @param elements the elements in row-major order
 */
record IdxFile(int[] dims, byte[] elements) {

    private static final int UNSIGNED_BYTE = 0x08;

    static IdxFile read(Path path) {
        if (!Files.isRegularFile(path)) {
            throw new IllegalArgumentException(
                    "The file " + path + " does not exist; an IDX file, plain or gzipped, is needed.");
        }
        try (InputStream in = open(path)) {
            int[] dims = readHeader(path, in);
            return new IdxFile(dims, readElements(path, in, dims));
        } catch (EOFException e) {
            throw new IllegalArgumentException("The gzip file " + path + " is cut short.", e);
        } catch (ZipException e) {
            throw new IllegalArgumentException("The gzip file " + path + " is damaged: " + e.getMessage() + ".", e);
        } catch (IOException e) {
            throw new UncheckedIOException("The file " + path + " can not be read: " + e.getMessage(), e);
        }
    }

    /** The number of records. */
    int records() {
        return dims[0];
    }

    private static InputStream open(Path path) throws IOException {
        PushbackInputStream in = new PushbackInputStream(Files.newInputStream(path), 2);
        byte[] magic = in.readNBytes(2);
        in.unread(magic);
        boolean gzip = magic.length == 2 && (magic[0] & 0xFF) == 0x1F && (magic[1] & 0xFF) == 0x8B;
        return gzip ? new GZIPInputStream(in, 1 << 16) : new java.io.BufferedInputStream(in, 1 << 16);
    }

    private static int[] readHeader(Path path, InputStream in) throws IOException {
        byte[] magic = in.readNBytes(4);
        boolean idx = magic.length == 4 && magic[0] == 0 && magic[1] == 0 && magic[2] == UNSIGNED_BYTE && magic[3] > 0;
        if (!idx) {
            throw new IllegalArgumentException("The file " + path + " is not an IDX file of bytes: it starts with "
                    + hex(magic) + ", not with 00 00 08 and the number of dimensions.");
        }
        int rank = magic[3];
        ByteBuffer header = ByteBuffer.wrap(in.readNBytes(4 * rank));
        int[] dims = new int[rank];
        long size = 1;
        for (int i = 0; i < rank; i++) {
            dims[i] = header.remaining() < 4 ? -1 : header.getInt();
            if (dims[i] < 0) {
                throw new IllegalArgumentException("The IDX file " + path + " is cut short or damaged in its header.");
            }
            size = Math.multiplyExact(size, (long) dims[i]);
        }
        if (size > Integer.MAX_VALUE - 16) {
            throw new IllegalArgumentException("The IDX file " + path + " promises " + size + " bytes; at most "
                    + (Integer.MAX_VALUE - 16) + " can be read.");
        }
        return dims;
    }

    private static byte[] readElements(Path path, InputStream in, int[] dims) throws IOException {
        int size = 1;
        for (int dim : dims) {
            size *= dim;
        }
        byte[] elements = in.readNBytes(size);
        boolean more = elements.length == size && in.read() >= 0;
        if (elements.length < size || more) {
            throw new IllegalArgumentException("The IDX file " + path + " promises " + size + " bytes in its header, "
                    + "but holds " + (more ? "more" : "only " + elements.length) + ".");
        }
        return elements;
    }

    private static String hex(byte[] bytes) {
        StringBuilder text = new StringBuilder();
        for (byte b : bytes) {
            text.append(text.length() == 0 ? "" : " ").append(String.format("%02x", b));
        }
        return text.length() == 0 ? "nothing" : text.toString();
    }
}
