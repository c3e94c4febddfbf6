package pomona.onnx;

import ai.onnx.proto.OnnxMl.ModelProto;
import com.google.protobuf.CodedInputStream;
import com.google.protobuf.UnsafeByteOperations;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Objects;
import java.util.function.LongConsumer;
import pomona.graph.Network;

/**
 * Reads and writes networks as ONNX files.
 *
 * <p>Files that end in {@code .onnx.xz} are ONNX files compressed with LZMA2. Files are written under a temporary name,
 * read back, and then moved, so that a file is either whole or not there. Weights may lie in files beside the model
 * (external data), which are mapped into memory; they must, where there are more than 2 GB of them. Format: ONNX IR
 * specification, version 3 on; fields that are younger than this library are kept.
 */
public final class Onnx {

    private static final String SUFFIX = ".onnx";
    private static final String COMPRESSED_SUFFIX = ".onnx.xz";
    private static final long MAPPED_FROM = 64L << 20;

    private Onnx() {}

    /**
     * Reads a network from a file. A graph without a name, or with one that exporters give to all such as {@code
     * main_graph}, becomes a network of the file's name; it is written with what it had.
     *
     * @param file an {@code .onnx} or {@code .onnx.xz} file; external data is looked for in its folder
     * @throws IllegalArgumentException if there is no such file, or it is not a whole ONNX file
     */
    public static Network read(Path file) {
        if (!Files.isRegularFile(file)) {
            String what = Files.isDirectory(file) ? file + " is a folder" : "There is no file " + file;
            throw new IllegalArgumentException(what + "; give the path of an .onnx or .onnx.xz file.");
        }
        return read(file, file.toString());
    }

    /** Reads a network from a file given as text; see {@link #read(Path)}. */
    public static Network read(String file) {
        return read(Path.of(file));
    }

    /**
     * Reads a network from the bytes of an ONNX file without external data.
     *
     * @param bytes the file's content; must not change afterwards
     * @param name what to call the network in messages, and when the file gives it none of its own
     */
    public static Network read(byte[] bytes, String name) {
        return new ModelReader(name, name, null).read(parse(name, ByteBuffer.wrap(bytes)));
    }

    /** Reads a file that goes by another name in messages. */
    static Network read(Path file, String source) {
        try {
            ByteBuffer bytes = isCompressed(file) ? Compressed.read(file, source) : load(file, source);
            Path folder = file.toAbsolutePath().getParent();
            return new ModelReader(source, stem(file), folder).read(parse(source, bytes));
        } catch (IOException e) {
            throw new UncheckedIOException(
                    source + " can not be read: " + e.getClass().getSimpleName() + ": " + e.getMessage() + ".", e);
        }
    }

    /**
     * The network as the bytes of an ONNX file.
     *
     * @throws IllegalArgumentException if there are more than such a file can hold, which is 2 GB
     */
    public static byte[] bytes(Network network) {
        return ModelWriter.write(network).toByteArray();
    }

    /**
     * The network with the promise that its file has at most that version of the format (IR version), for programs that
     * refuse younger ones although they know all that is in it; the same network when its file is no younger.
     *
     * @param most the newest version that its file may have, as high as its operator set needs
     */
    public static Network withIrVersionUpTo(Network network, long most) {
        return ModelWriter.withIrVersionUpTo(network, most);
    }

    /** The size in bytes of the ONNX file that the network makes, external data included where it must be used. */
    public static long size(Network network) {
        ExternalData data = dataOf(network);
        return model(network, data).getSerializedSize() + (data == null ? 0 : data.size());
    }

    /**
     * The size in bytes of the {@code .onnx.xz} file that the network makes; of one that is too large for such a file,
     * that of its {@code .onnx} file and the weights beside it, compressed in one go. Nothing is kept in memory but what
     * the coder needs.
     *
     * @param progress is told how many bytes more were compressed
     */
    public static long compressedSize(Network network, LongConsumer progress) {
        ExternalData data = dataOf(network);
        ByteCount count = new ByteCount(bytes -> {}, OutputStream.nullOutputStream());
        try (OutputStream coded = new ByteCount(progress, Compressed.write(count))) {
            model(network, data).writeTo(coded);
            if (data != null) {
                data.write(coded);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("Network " + network.name() + " can not be compressed: " + e, e);
        }
        return count.bytes();
    }

    /** Where the weights of a network go that is too large for a file in one piece; else null. */
    private static ExternalData dataOf(Network network) {
        return ModelWriter.fits(network) ? null : new ExternalData(network.name());
    }

    private static ModelProto model(Network network, ExternalData data) {
        return data == null ? ModelWriter.write(network) : ModelWriter.write(network, data);
    }

    /**
     * Writes a network to a file; folders that are missing are made, a file of that name is replaced. Weights of more
     * than 2 GB go to a file beside it, as by {@link #writeExternal(Network, Path)}.
     *
     * @param file where to; ends in {@code .onnx} or {@code .onnx.xz}
     * @return the file
     * @throws IllegalArgumentException if the name ends in anything else
     */
    public static Path write(Network network, Path file) {
        return write(network, file, bytes -> {});
    }

    /**
     * Writes a network to a file as {@link #write(Network, Path)} does, and tells how far it is: compressing takes about a
     * second for every few megabytes.
     *
     * @param progress is told how many bytes more of a file that ends in {@code .onnx.xz} were compressed
     */
    public static Path write(Network network, Path file, LongConsumer progress) {
        Objects.requireNonNull(network, "network");
        String name = Objects.toString(file.getFileName(), "");
        if (!name.endsWith(SUFFIX) && !name.endsWith(COMPRESSED_SUFFIX)) {
            throw new IllegalArgumentException(
                    "A network is written to a file that ends in .onnx or .onnx.xz, not to " + file + ".");
        }
        if (ModelWriter.fits(network)) {
            return new ModelFile(file, progress).write(network, null);
        }
        if (name.endsWith(COMPRESSED_SUFFIX)) {
            throw new IllegalArgumentException("Network " + network.name()
                    + " is too large for a file in one piece, which .onnx.xz is; write it to an .onnx file, beside"
                    + " which its weights go.");
        }
        return writeExternal(network, file);
    }

    /** Writes a network to a file given as text; see {@link #write(Network, Path)}. */
    public static Path write(Network network, String file) {
        return write(network, Path.of(file));
    }

    /**
     * Writes a network to a file with its weights beside it: in {@code NAME.onnx.data}, but for those below 1 KB.
     *
     * @param file where to; ends in {@code .onnx}
     * @return the file
     * @throws IllegalArgumentException if the name ends in anything else
     */
    public static Path writeExternal(Network network, Path file) {
        Objects.requireNonNull(network, "network");
        String name = Objects.toString(file.getFileName(), "");
        if (!name.endsWith(SUFFIX)) {
            throw new IllegalArgumentException(
                    "A network with its weights beside it is written to a file that ends in .onnx, not to " + file
                            + ".");
        }
        return new ModelFile(file).write(network, new ExternalData(name + ModelFile.DATA_SUFFIX));
    }

    private static ByteBuffer load(Path file, String source) throws IOException {
        long size = Files.size(file);
        if (size > Integer.MAX_VALUE) {
            throw new IllegalArgumentException(source + " has " + size
                    + " bytes, but an ONNX file without external data has at most " + Integer.MAX_VALUE + ".");
        }
        if (size < MAPPED_FROM) {
            return ByteBuffer.wrap(Files.readAllBytes(file));
        }
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            return channel.map(FileChannel.MapMode.READ_ONLY, 0, size);
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
        throw new IllegalArgumentException(source + " is not an ONNX file" + OtherFile.describe(bytes) + ".");
    }

    /** ONNX files begin with their IR version, a small number in field 1. */
    private static boolean looksLikeOnnx(ByteBuffer bytes) {
        return bytes.remaining() > 1 && bytes.get(0) == 0x08 && bytes.get(1) > 0 && bytes.get(1) < 64;
    }

    static boolean isCompressed(Path file) {
        return file.toString().endsWith(".xz");
    }

    private static String stem(Path file) {
        String name = file.getFileName().toString();
        int dot = name.indexOf('.');
        return dot > 0 ? name.substring(0, dot) : name;
    }
}
