package pomona.kernel;

import com.google.gson.JsonObject;

/** What the kernel says of its language, to front ends and in notebooks: how to highlight it, and its files' ending. */
public final class JavaLanguage {

    private JavaLanguage() {}

    /** Jupyter's {@code language_info}, a new object each time. */
    public static JsonObject info() {
        JsonObject language = new JsonObject();
        language.addProperty("name", "java");
        language.addProperty("version", System.getProperty("java.version"));
        language.addProperty("mimetype", "text/x-java-source");
        language.addProperty("file_extension", ".jshell");
        language.addProperty("pygments_lexer", "java");
        language.addProperty("codemirror_mode", "text/x-java");
        language.addProperty("nbconvert_exporter", "script");
        return language;
    }
}
