package pomona.torchscript;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.zip.CRC32;
import pomona.graph.Tensor;
import pomona.graph.Workshop;

/** New elements for some tensors of an archive, written over the old ones in a copy of it. */
final class WeightPatch {

    private static final int DESCRIPTOR = 0x08074B50;
    private static final int FLAG_DESCRIPTOR = 8;
    private static final int BLOCK = 1 << 20;

    private final Archive archive;
    private final Map<Storages.Place, Tensor> changes = new LinkedHashMap<>();

    WeightPatch(ScriptModel model, Map<String, Tensor> weights) {
        this.archive = model.archive();
        Map<String, String> owners = new HashMap<>();
        model.root().tensors().forEach((name, place) -> {
            Tensor tensor = weights.get(name);
            if (tensor != null) {
                require(name, place, tensor);
                String where = place.entry().name() + "/" + place.offset();
                String other = owners.put(where, name);
                if (other != null && !weights.get(other).equals(tensor)) {
                    throw new IllegalArgumentException("Weights " + other + " and " + name
                            + " are one tensor of the model, but were given different values.");
                }
                changes.put(place, tensor);
            }
        });
        if (changes.isEmpty()) {
            throw new IllegalArgumentException("None of the " + weights.size()
                    + " weights given is one of the model, which has "
                    + String.join(", ", model.root().tensors().keySet()) + ".");
        }
    }

    private static void require(String name, Storages.Place place, Tensor tensor) {
        if (tensor.type() != place.type() || !Arrays.equals(tensor.shape(), place.shape())) {
            throw new IllegalArgumentException("Weight " + name + " of the model has the type "
                    + place.type().name().toLowerCase(java.util.Locale.ROOT) + " and the shape "
                    + Arrays.toString(place.shape()) + "; it was given " + tensor + ".");
        }
        if (!place.isContiguous()) {
            throw new IllegalArgumentException(
                    "Weight " + name + " of the model does not lie in order, so it can not be replaced.");
        }
    }

    void write(Path source, Path target) throws IOException {
        try (Workshop workshop = Workshop.beside(target)) {
            String name = target.getFileName().toString();
            Path copy = workshop.resolve(name);
            java.nio.file.Files.copy(source, copy, StandardCopyOption.REPLACE_EXISTING);
            try (FileChannel channel = FileChannel.open(copy, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
                for (Map.Entry<Storages.Place, Tensor> change : changes.entrySet()) {
                    Storages.Place place = change.getKey();
                    long offset = place.offset() * (place.type().bits() / 8);
                    change.getValue().write(channel, archive.start(place.entry()) + offset);
                }
                for (Archive.Entry entry : changes.keySet().stream()
                        .map(Storages.Place::entry)
                        .distinct()
                        .toList()) {
                    writeChecksum(channel, entry);
                }
            }
            ScriptModel readBack = ScriptModel.open(copy);
            Map<String, Storages.Place> places = readBack.root().tensors();
            changes.forEach((place, tensor) -> places.values().stream()
                    .filter(other -> other.entry().name().equals(place.entry().name())
                            && other.offset() == place.offset()
                            && Arrays.equals(other.shape(), place.shape()))
                    .filter(other -> !readBack.tensor(other).equals(tensor))
                    .forEach(other -> {
                        throw new IllegalStateException("What was read back is not what was written.");
                    }));
            workshop.publish(name);
        }
    }

    /** The checksum of a file is in its header or behind it, and in the directory. */
    private void writeChecksum(FileChannel channel, Archive.Entry entry) throws IOException {
        long start = archive.start(entry);
        CRC32 crc = new CRC32();
        ByteBuffer block = ByteBuffer.allocate(BLOCK);
        for (long at = 0; at < entry.size(); at += block.limit()) {
            block.clear().limit((int) Math.min(BLOCK, entry.size() - at));
            while (block.hasRemaining() && channel.read(block, start + at + block.position()) >= 0) {
                // Goes on until the block is full.
            }
            crc.update(block.flip());
        }
        int flags = read(channel, entry.local() + 6) & 0xFFFF;
        if ((flags & FLAG_DESCRIPTOR) == 0) {
            write(channel, entry.local() + 14, (int) crc.getValue());
        } else {
            boolean signed = read(channel, start + entry.size()) == DESCRIPTOR;
            write(channel, start + entry.size() + (signed ? 4 : 0), (int) crc.getValue());
        }
        write(channel, entry.central() + 16, (int) crc.getValue());
    }

    private static int read(FileChannel channel, long at) throws IOException {
        ByteBuffer four = ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN);
        channel.read(four, at);
        return four.getInt(0);
    }

    private static void write(FileChannel channel, long at, int value) throws IOException {
        channel.write(ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putInt(0, value), at);
    }
}
