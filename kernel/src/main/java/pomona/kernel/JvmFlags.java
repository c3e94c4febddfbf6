package pomona.kernel;

import java.util.List;

/** The options of the JVM that runs a kernel, for the kernelspec and for the notebook runner. */
public final class JvmFlags {

    /** The kernel's main class, to be followed by the connection file. */
    public static final String MAIN_CLASS = "pomona.kernel.KernelMain";

    private JvmFlags() {}

    /**
     * Gives the options for a JDK.
     *
     * <p>The serial collector starts fastest and keeps least; the shared archive is used when there is one. The optimizing
     * compiler stays on, since loops over weights need it.
     *
     * @param feature the JDK's feature release, such as 17
     */
    public static List<String> forJdk(int feature) {
        return feature >= 22
                ? List.of("-XX:+UseSerialGC", "-Xshare:auto", "--enable-native-access=ALL-UNNAMED")
                : List.of("-XX:+UseSerialGC", "-Xshare:auto");
    }
}
