package pomona.quantize;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/**
 * What a processor does with products of 8-bit integers.
 *
 * @param architecture what Java calls it, such as {@code amd64}
 * @param cpuInfo the lines of Linux's {@code /proc/cpuinfo}; none where there is no such file
 */
record Processor(String architecture, List<String> cpuInfo) {

    private static final Path CPU_INFO = Path.of("/proc/cpuinfo");

    /** The one of this machine. */
    static Processor here() {
        return new Processor(System.getProperty("os.arch", ""), readCpuInfo());
    }

    /**
     * Whether sums of products of unsigned and signed bytes are clipped to 16 bits. Only x86 clips, unless it has VNNI
     * instructions; where that can not be found out it is taken to have none.
     */
    boolean clipsProducts() {
        String name = architecture.toLowerCase(Locale.ROOT);
        boolean x86 = name.equals("amd64") || name.startsWith("x86");
        return x86
                && cpuInfo.stream()
                        .filter(line -> line.startsWith("flags"))
                        .map(line -> new java.util.HashSet<>(java.util.Arrays.asList(
                                line.substring(line.indexOf(':') + 1).strip().split("\\s+"))))
                        .noneMatch(flags -> flags.contains("avx512_vnni") || flags.contains("avx_vnni"));
    }

    private static List<String> readCpuInfo() {
        try {
            return Files.isReadable(CPU_INFO) ? Files.readAllLines(CPU_INFO) : List.of();
        } catch (IOException e) {
            return List.of();
        }
    }
}
