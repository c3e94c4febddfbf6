package pomona.onnx;

import ai.onnx.proto.OnnxMl.ModelProto;
import com.google.protobuf.CodedInputStream;
import com.google.protobuf.UnsafeByteOperations;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Objects;
import java.util.UUID;
import org.tukaani.xz.LZMA2Options;
import org.tukaani.xz.XZInputStream;
import org.tukaani.xz.XZOutputStream;
import pomona.graph.Network;

/**
 * Reads and writes networks as ONNX files.
 *
 * <p>Files that end in {@code .onnx.xz} are ONNX files compressed with LZMA2. Files are written under a temporary name
 * and then moved, so that a file is either whole or not there. Format: ONNX IR specification, versions 3 to 10.
 */
public final class Onnx {

    private static final String SUFFIX = ".onnx";
    private static final String COMPRESSED_SUFFIX = ".onnx.xz";
    private static final long MAPPED_FROM = 64L << 20;

    private Onnx() {}

    /**
     * Reads a network from a file.
     *
     * @param file an {@code .onnx} or {@code .onnx.xz} file; external data is looked for beside it
     * @throws IllegalArgumentException if there is no such file, or it is not a whole ONNX file
     */
    public static Network read(Path file) {
        if (!Files.isRegularFile(file)) {
            String what = Files.isDirectory(file) ? file + " is a folder" : "There is no file " + file;
            throw new IllegalArgumentException(what + "; give the path of an .onnx or .onnx.xz file.");
        }
        try {
            ByteBuffer bytes = isCompressed(file) ? decompress(file) : load(file);
            Path folder = file.toAbsolutePath().getParent();
            return new ModelReader(file.toString(), stem(file), folder).read(parse(file.toString(), bytes));
        } catch (IOException e) {
            throw new UncheckedIOException(file + " can not be read: " + e.getMessage() + ".", e);
        }
    }

    /** Reads a network from a file given as text; see {@link #read(Path)}. */
    public static Network read(String file) {
        return read(Path.of(file));
    }

    /**
     * Reads a network from the bytes of an ONNX file without external data.
     *
     * @param bytes the file's content; must not change afterwards
     * @param name what to call the network in messages, and when the file gives it no name
     */
    public static Network read(byte[] bytes, String name) {
        return new ModelReader(name, name, null).read(parse(name, ByteBuffer.wrap(bytes)));
    }

    /** The network as the bytes of an ONNX file. */
    public static byte[] bytes(Network network) {
        return ModelWriter.write(network).toByteArray();
    }

    /** The size in bytes of the ONNX file that the network makes. */
    public static long size(Network network) {
        return ModelWriter.write(network).getSerializedSize();
    }

    /**
     * Writes a network to a file; folders that are missing are made, a file of that name is replaced.
     *
     * @param file where to; ends in {@code .onnx} or {@code .onnx.xz}
     * @return the file
     * @throws IllegalArgumentException if the name ends in anything else
     */
    public static Path write(Network network, Path file) {
        Objects.requireNonNull(network, "network");
        String name = Objects.toString(file.getFileName(), "");
        if (!name.endsWith(SUFFIX) && !name.endsWith(COMPRESSED_SUFFIX)) {
            throw new IllegalArgumentException(
                    "A network is written to a file that ends in .onnx or .onnx.xz, not to " + file + ".");
        }
        ModelProto model = ModelWriter.write(network);
        try {
            Path target = file.toAbsolutePath();
            Files.createDirectories(target.getParent());
            // Not createTempFile: its files are for their owner alone, and the network may be for others.
            Path temporary = target.resolveSibling("." + name + "." + UUID.randomUUID() + ".part");
            try {
                store(model, temporary, isCompressed(file));
                move(temporary, target);
            } finally {
                Files.deleteIfExists(temporary);
            }
            return file;
        } catch (IOException e) {
            throw new UncheckedIOException(
                    file + " can not be written: " + e.getClass().getSimpleName() + ": " + e.getMessage() + ".", e);
        }
    }

    /** Writes a network to a file given as text; see {@link #write(Network, Path)}. */
    public static Path write(Network network, String file) {
        return write(network, Path.of(file));
    }

    private static void store(ModelProto model, Path temporary, boolean compressed) throws IOException {
        try (OutputStream out = Files.newOutputStream(temporary);
                OutputStream coded = compressed ? new XZOutputStream(out, new LZMA2Options()) : out) {
            model.writeTo(coded);
        }
    }

    private static void move(Path temporary, Path target) throws IOException {
        try {
            Files.move(temporary, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (AtomicMoveNotSupportedException e) {
            Files.move(temporary, target, StandardCopyOption.REPLACE_EXISTING);
        }
    }

    private static ByteBuffer load(Path file) throws IOException {
        long size = Files.size(file);
        if (size > Integer.MAX_VALUE) {
            throw new IllegalArgumentException(file + " has " + size
                    + " bytes, but an ONNX file without external data has at most " + Integer.MAX_VALUE + ".");
        }
        if (size < MAPPED_FROM) {
            return ByteBuffer.wrap(Files.readAllBytes(file));
        }
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            return channel.map(FileChannel.MapMode.READ_ONLY, 0, size);
        }
    }

    private static ByteBuffer decompress(Path file) throws IOException {
        try (InputStream in = new XZInputStream(new ByteArrayInputStream(Files.readAllBytes(file)))) {
            return ByteBuffer.wrap(in.readAllBytes());
        } catch (java.io.EOFException e) {
            throw new IllegalArgumentException(file + " is cut short: its compressed data has no end.", e);
        } catch (org.tukaani.xz.XZIOException e) {
            throw new IllegalArgumentException(file + " is not an .xz file, or it is damaged.", e);
        }
    }

    private static ModelProto parse(String source, ByteBuffer bytes) {
        try {
            CodedInputStream in = UnsafeByteOperations.unsafeWrap(bytes).newCodedInput();
            in.enableAliasing(true);
            ModelProto model = ModelProto.parseFrom(in);
            if (model.hasGraph() && model.getOpsetImportCount() > 0) {
                return model;
            }
        } catch (IOException e) {
            if (bytes.remaining() > 0 && looksLikeOnnx(bytes)) {
                throw new IllegalArgumentException(
                        source + " is not a whole ONNX file: its " + bytes.remaining() + " bytes end too early"
                                + " or are damaged.",
                        e);
            }
        }
        throw new IllegalArgumentException(source + " is not an ONNX file.");
    }

    /** ONNX files begin with their IR version, a small number in field 1. */
    private static boolean looksLikeOnnx(ByteBuffer bytes) {
        return bytes.remaining() > 1 && bytes.get(0) == 0x08 && bytes.get(1) > 0 && bytes.get(1) < 64;
    }

    private static boolean isCompressed(Path file) {
        return file.toString().endsWith(".xz");
    }

    private static String stem(Path file) {
        String name = file.getFileName().toString();
        int dot = name.indexOf('.');
        return dot > 0 ? name.substring(0, dot) : name;
    }
}
