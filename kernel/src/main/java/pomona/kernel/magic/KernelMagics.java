package pomona.kernel.magic;

import java.util.List;
import org.dflib.jjava.jupyter.kernel.magic.MagicsRegistry;
import pomona.kernel.magic.KernelMagic.Kind;

/** The kernel's own magics. */
public final class KernelMagics {

    private static final List<String> WORDS =
            List.of("maven", "jars", "classpath", "load", "lsmagic", "who", "reset", "cd");

    private KernelMagics() {}

    /** Registers all of them. Nothing is loaded for one before it is used. */
    public static void register(MagicsRegistry registry, LiveSession session) {
        for (String name : WORDS) {
            registry.registerLineMagic(name, new KernelMagic(name, Kind.WORDS, null, session));
        }
        registry.registerLineMagic("env", new KernelMagic("env", Kind.WORDS, "java.lang.String", session));
        registry.registerCellMagic("pom", new KernelMagic("pom", Kind.WORDS, null, session));
        KernelMagic shell = new KernelMagic("sh", Kind.SHELL, "java.util.List<java.lang.String>", session);
        registry.registerLineMagic("sh", shell);
        registry.registerCellMagic("sh", shell);
        registry.registerCellMagic("bash", new KernelMagic("bash", Kind.WORDS, null, session));
        KernelMagic time = new KernelMagic("time", Kind.TIMED, null, session);
        registry.registerLineMagic("time", time);
        registry.registerCellMagic("time", time);
        KernelMagic timeit = new KernelMagic("timeit", Kind.JAVA, "pomona.kernel.magic.Timing", session);
        registry.registerLineMagic("timeit", timeit);
        registry.registerCellMagic("timeit", timeit);
    }

    /** Makes the command of a magic for one use. */
    static MagicCommand command(String name) {
        return switch (name) {
            case "maven" -> new MavenMagic();
            case "pom" -> new PomMagic();
            case "jars" -> new JarsMagic();
            case "classpath" -> new ClassPathMagic();
            case "load" -> new LoadMagic();
            case "lsmagic" -> new LsMagic();
            case "who" -> new WhoMagic();
            case "reset" -> new ResetMagic();
            case "cd" -> new CdMagic();
            case "env" -> new EnvMagic();
            case "sh" -> new ShellMagic("sh");
            case "bash" -> new ShellMagic.BashMagic();
            case "time" -> new TimeMagic();
            case "timeit" -> new TimeitMagic();
            default -> throw new IllegalArgumentException(name);
        };
    }
}
