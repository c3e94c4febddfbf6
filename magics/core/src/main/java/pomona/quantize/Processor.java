package pomona.quantize;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/** What this machine's processor does with products of 8-bit integers. */
final class Processor {

    private static final Path CPU_INFO = Path.of("/proc/cpuinfo");

    private Processor() {}

    /** Whether sums of products of unsigned and signed bytes are clipped to 16 bits. */
    static boolean clipsProducts() {
        return clipsProducts(System.getProperty("os.arch", ""), cpuInfo());
    }

    /** Only x86 clips, unless it has VNNI instructions; where that can not be found out it is taken to have none. */
    static boolean clipsProducts(String architecture, List<String> cpuInfo) {
        String name = architecture.toLowerCase(Locale.ROOT);
        boolean x86 = name.equals("amd64") || name.startsWith("x86");
        return x86
                && cpuInfo.stream()
                        .filter(line -> line.startsWith("flags"))
                        .map(line -> new java.util.HashSet<>(java.util.Arrays.asList(
                                line.substring(line.indexOf(':') + 1).strip().split("\\s+"))))
                        .noneMatch(flags -> flags.contains("avx512_vnni") || flags.contains("avx_vnni"));
    }

    private static List<String> cpuInfo() {
        try {
            return Files.isReadable(CPU_INFO) ? Files.readAllLines(CPU_INFO) : List.of();
        } catch (IOException e) {
            return List.of();
        }
    }
}
