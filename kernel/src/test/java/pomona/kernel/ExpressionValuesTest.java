package pomona.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.InputStream;
import java.lang.ref.Reference;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ExpressionValuesTest {

    private static final int KEPT = 16;

    private final RecordedOutputs outputs = new RecordedOutputs();

    private static JavaSession start() {
        return JavaSession.start(new SessionOptions(
                System.getProperty("java.class.path"), List.of(), false, InputStream.nullInputStream()));
    }

    @Test
    void anOldValueIsLetGo() {
        try (JavaSession session = start()) {
            session.execute("java.lang.ref.WeakReference<Object> made = null;", outputs);
            session.execute(
                    "Object make() { Object o = new long[1000]; made = new java.lang.ref.WeakReference<>(o); return o; }",
                    outputs);
            session.execute("make()", outputs);
            evaluate(session, KEPT - 1);
            Reference<?> made = (Reference<?>) session.evaluateNested("made");
            assertThat(isCollected(made)).isFalse();
            evaluate(session, 1);
            assertThat(isCollected(made)).isTrue();
        }
    }

    @Test
    void aValueThatIsUsedStays() {
        try (JavaSession session = start()) {
            session.execute("\"kept \".strip()", outputs);
            String name = IntStream.range(1, 50)
                    .mapToObj(i -> "$" + i)
                    .filter(candidate -> isKnown(session, candidate))
                    .findFirst()
                    .orElseThrow();
            session.execute("String later() { return " + name + "; }", outputs);
            evaluate(session, KEPT + 4);
            assertThat(session.evaluateNested("later()")).isEqualTo("kept");
        }
    }

    private void evaluate(JavaSession session, int expressions) {
        for (int i = 0; i < expressions; i++) {
            session.execute("1 + " + i, outputs);
        }
    }

    private static boolean isKnown(JavaSession session, String name) {
        try {
            return session.evaluateNested(name) != null;
        } catch (CellFailureException e) {
            return false;
        }
    }

    private static boolean isCollected(Reference<?> reference) {
        for (int i = 0; i < 5 && reference.get() != null; i++) {
            System.gc();
        }
        return reference.get() == null;
    }
}
