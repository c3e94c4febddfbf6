package pomona.kernel;

import com.sun.source.util.JavacTask;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import javax.tools.Diagnostic;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.StandardJavaFileManager;
import javax.tools.StandardLocation;
import javax.tools.ToolProvider;

/** Parses Java text, without looking at what its names mean. */
final class SyntaxCheck {

    private final JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    private final StandardJavaFileManager files = compiler.getStandardFileManager(null, null, null);
    private final List<String> options;

    SyntaxCheck(List<String> options) {
        this.options = options;
        try {
            // A parser needs no classes; searching the class path for compiler plugins takes longer than parsing.
            files.setLocation(StandardLocation.CLASS_PATH, List.of());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Whether a text parses as the body of a method; an expression by itself counts. */
    boolean isBody(String java) {
        return errors("class $ { void $() throws Throwable {\n" + java + "\n;}}").stream()
                .allMatch(error -> error.getCode().equals("compiler.err.not.stmt"));
    }

    /** Whether a text is a statement that Java itself allows in a method. */
    boolean isStatement(String java) {
        return errors("class $ { void $() throws Throwable {\n" + java + "\n;}}")
                .isEmpty();
    }

    /** Whether a text parses as members of a class. */
    boolean isMember(String java) {
        return errors("class $ {\n" + java + "\n}").isEmpty();
    }

    private List<Diagnostic<? extends JavaFileObject>> errors(String source) {
        List<Diagnostic<? extends JavaFileObject>> found = new ArrayList<>();
        JavaFileObject file = new SimpleJavaFileObject(URI.create("string:///$.java"), JavaFileObject.Kind.SOURCE) {
            @Override
            public CharSequence getCharContent(boolean ignoreEncodingErrors) {
                return source;
            }
        };
        JavacTask task = (JavacTask) compiler.getTask(
                null,
                files,
                diagnostic -> {
                    if (diagnostic.getKind() == Diagnostic.Kind.ERROR) {
                        found.add(diagnostic);
                    }
                },
                options,
                null,
                List.of(file));
        try {
            task.parse();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return found;
    }
}
