package pomona.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PendingImportsTest {

    private static final String TYPES = "import tech.tablesaw.api.*;\nimport pomona.graph.*;";
    private static final String STATICS = "import static java.lang.Math.*;";

    private final PendingImports pending = new PendingImports(List.of("java.lang", "java.util"));

    @ParameterizedTest
    @ValueSource(
            strings = {
                "int x = 1; System.out.println(x);",
                "List<String> names = new ArrayList<>(); // Table",
                "String s = \"Table\" + 'T' + \"\"\"\n Network \"\"\";",
                "class Table { Table next; }\nrecord Network(int a) {}",
                "a.Table b; a . Network c;",
                ""
            })
    void staysPendingWithoutAName(String java) {
        pending.add(TYPES);
        assertThat(pending.takeFor(java)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"Table t = null;", "var n = Network.builder(\"n\")", "(Unknown) x", "/* */Table.create()"})
    void isMadeForANameThatTheJdkLacks(String java) {
        pending.add(TYPES);
        assertThat(pending.takeFor(java)).containsExactly(TYPES);
        assertThat(pending.takeFor(java)).isEmpty();
    }

    @Test
    void aSingleTypeIsKnownByItsName() {
        pending.add("import ai.djl.training.dataset.Record;");
        assertThat(pending.takeFor("Table t;")).isEmpty();
        assertThat(pending.takeFor("Record r;")).containsExactly("import ai.djl.training.dataset.Record;");
    }

    @Test
    void staticsAreKnownByTheirNames() {
        pending.add(STATICS);
        pending.add(TYPES);
        assertThat(pending.takeFor("Object.abs(1); maximum(2)")).isEmpty();
        assertThat(pending.takeFor("abs(-1)")).containsExactly(STATICS);
        assertThat(pending.takeAll()).containsExactly(TYPES);
        assertThat(pending.takeAll()).isEmpty();
    }

    @Test
    void importsAloneArePutOff() {
        assertThat(PendingImports.areImports(TYPES + "\n" + STATICS)).isTrue();
        assertThat(PendingImports.areImports("import a.B;\nint x = 1;")).isFalse();
        assertThat(PendingImports.areImports("")).isFalse();
    }

    @Test
    void anImportMadeLaterLosesNoValue() {
        try (JavaSession session = JavaSession.start()) {
            RecordedOutputs.ok(session, """
                    List<Integer> drawn = new ArrayList<>();
                    int draw() { drawn.add(4); return drawn.size(); }
                    List<Integer> first = new ArrayList<>(List.of(draw(), draw()));
                    """);
            RecordedOutputs.ok(session, "import static java.lang.Math.*;");
            RecordedOutputs.ok(session, "Shape shape = new Shape(2, 3); display(shape);");
            assertThat(RecordedOutputs.ok(session, "first + \" \" + drawn + \" \" + shape")
                            .result())
                    .isEqualTo("[1, 2] [4, 4] (2, 3)");
        }
    }
}
