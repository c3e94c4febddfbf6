package pomona.kernel;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;

/** Tells whether this JVM was started with {@code --enable-preview}, by whatever way that came to it. */
final class PreviewFeatures {

    /** The minor version of classes that use preview features. Source: JVM specification, section 4.1. */
    private static final int PREVIEW = 0xFFFF;

    private static final int FIRST_MAJOR = 44;

    private PreviewFeatures() {}

    /** Tries to load an empty class that claims to use them: the JVM says in no other public way. */
    static boolean areEnabled() {
        try {
            new Probe().define(emptyClass());
            return true;
        } catch (UnsupportedClassVersionError e) {
            return false;
        }
    }

    private static byte[] emptyClass() {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            out.writeInt(0xCAFEBABE);
            out.writeShort(PREVIEW);
            out.writeShort(FIRST_MAJOR + Runtime.version().feature());
            out.writeShort(5);
            for (String name : new String[] {"Probe", "java/lang/Object"}) {
                boolean first = name.equals("Probe");
                out.writeByte(1);
                out.writeUTF(name);
                out.writeByte(7);
                out.writeShort(first ? 1 : 3);
            }
            out.writeShort(0x20);
            out.writeShort(2);
            out.writeShort(4);
            // Neither interfaces nor fields, methods or attributes.
            out.writeLong(0);
            return bytes.toByteArray();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static final class Probe extends ClassLoader {

        void define(byte[] bytes) {
            defineClass("Probe", bytes, 0, bytes.length);
        }
    }
}
