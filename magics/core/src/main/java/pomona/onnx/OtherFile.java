package pomona.onnx;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/** What a file looks like that is no ONNX file, by how it begins. */
final class OtherFile {

    private static final int LOOKED_AT = 512;

    private OtherFile() {}

    /** The end of a sentence that says what it is not; empty when it looks like nothing that is known here. */
    static String describe(ByteBuffer bytes) {
        byte[] start = new byte[Math.min(LOOKED_AT, bytes.limit())];
        bytes.duplicate().rewind().get(start);
        if (start.length == 0) {
            return ": it is empty";
        }
        if (start.length > 3 && start[0] == 'P' && start[1] == 'K' && start[2] == 3 && start[3] == 4) {
            return ": it is a zip file, as PyTorch's .pt files are; TorchScript.read makes networks of those";
        }
        if (!isText(start)) {
            return "";
        }
        String text = new String(start, StandardCharsets.UTF_8).strip().toLowerCase(Locale.ROOT);
        if (text.startsWith("version https://git-lfs")) {
            return ": it is a pointer of Git LFS to the file; git lfs pull fetches the file itself";
        }
        return text.startsWith("<") ? ": it is a page of HTML or XML" : ": it is a text";
    }

    private static boolean isText(byte[] start) {
        for (byte each : start) {
            if (each >= 0 && each < ' ' && each != '\n' && each != '\r' && each != '\t') {
                return false;
            }
        }
        return true;
    }
}
