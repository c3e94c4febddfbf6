package pomona.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class MagicRewriterTest {

    private static final String LINE = "org.dflib.jjava.jupyter.kernel.BaseNotebookStatics.lineMagic(";
    private static final String CELL = "org.dflib.jjava.jupyter.kernel.BaseNotebookStatics.cellMagic(";
    private static final String NONE = "java.util.List.<String>of()";
    private static final String ARGS = "java.util.Arrays.<String>asList(";
    private static final String FRUIT = "pomona.kernel.SampleExtension.Fruit";

    private static String rewrite(String source) {
        KnownMagics magics = new KnownMagics();
        magics.registerLineMagic("fruit", new SampleExtension.FruitMagic());
        magics.registerLineMagic("echo", (kernel, args) -> args);
        magics.registerLineMagic("broken", new SampleExtension.BrokenMagic());
        magics.registerCellMagic("join", new SampleExtension.JoinMagic());
        return MagicRewriter.rewrite(source, magics).java();
    }

    static Stream<Arguments> rewritten() {
        return Stream.of(
                Arguments.of("%echo", LINE + "\"echo\", " + NONE + ")"),
                Arguments.of("  %echo a b\n", "  " + LINE + "\"echo\", " + ARGS + "\"a\", \"b\"))\n"),
                Arguments.of("%echo a;", LINE + "\"echo\", " + ARGS + "\"a\"));"),
                Arguments.of("%echo a // why", LINE + "\"echo\", " + ARGS + "\"a\"))"),
                Arguments.of("%echo http://x", LINE + "\"echo\", " + ARGS + "\"http://x\"))"),
                Arguments.of("%fruit a", "((" + FRUIT + ") " + LINE + "\"fruit\", " + ARGS + "\"a\")))"),
                Arguments.of(
                        "var f = %fruit a\nf",
                        "var f = ((" + FRUIT + ") " + LINE + "\"fruit\", " + ARGS + "\"a\")));\nf"),
                Arguments.of(
                        "Fruit f=%fruit a;", "Fruit f=((" + FRUIT + ") " + LINE + "\"fruit\", " + ARGS + "\"a\")));"),
                Arguments.of("%fruit a\nint x;", LINE + "\"fruit\", " + ARGS + "\"a\"));\nint x;"),
                Arguments.of("%broken", LINE + "\"broken\", " + NONE + ")"),
                Arguments.of("int x = 1;\n%echo", "int x = 1;\n" + LINE + "\"echo\", " + NONE + ")"),
                Arguments.of("if (x) {\n%echo\n}", "if (x) {\n" + LINE + "\"echo\", " + NONE + ");\n}"),
                Arguments.of("// note\n%echo", "// note\n" + LINE + "\"echo\", " + NONE + ")"),
                Arguments.of("%echo a \\\n  b", LINE + "\"echo\", " + ARGS + "\"a\", \"b\"))"),
                Arguments.of("%echo 'a b' \"c d\" e\\ f", LINE + "\"echo\", " + ARGS + "\"a b\", \"c d\", \"e f\"))"),
                Arguments.of("%echo ''", LINE + "\"echo\", " + ARGS + "\"\"))"),
                Arguments.of(
                        "%echo --n={1 + 2}",
                        LINE + "\"echo\", " + ARGS + "\"--n=\" + pomona.kernel.CellRuntime.argument(1 + 2)))"),
                Arguments.of(
                        "%echo {m.get(\"}\")}",
                        LINE + "\"echo\", " + ARGS + "pomona.kernel.CellRuntime.argument(m.get(\"}\"))))"),
                Arguments.of("%echo '{raw}'", LINE + "\"echo\", " + ARGS + "\"{raw}\"))"),
                Arguments.of(
                        "%%join a\nline \"1\"\n%not magic",
                        "((java.lang.String) " + CELL + "\"join\", " + ARGS
                                + "\"a\"), \"line \\\"1\\\"\\n%not magic\"))"),
                Arguments.of("%%join", "((java.lang.String) " + CELL + "\"join\", " + NONE + ", \"\"))"));
    }

    @ParameterizedTest
    @MethodSource("rewritten")
    void magicsBecomeCalls(String source, String java) {
        assertThat(rewrite(source)).isEqualTo(java);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "int m = a %echo;",
                "int m = a\n  %echo;",
                "f(a)\n%echo",
                "String s = \"%echo\";",
                "String s = \"a;%echo\";",
                "String s = \"\"\"\n%echo\n;\n%fruit\n\"\"\";",
                "String s = \"\\\"; %echo\";",
                "// %echo",
                "/*\n%echo\n*/",
                "/** a;\n * {\n%echo */ int x;",
                "char c = '%'; int d = 1;",
                "int x = 7 % 3;",
                "x %= y;",
                "% echo",
                "%3",
                "String.format(\"%d\", 1)",
                "f(%echo)"
            })
    void otherTextStays(String source) {
        assertThat(rewrite(source)).isEqualTo(source);
    }

    @Test
    void positionsLeadBackToTheCell() {
        KnownMagics magics = new KnownMagics();
        String source = "int a;\nvar f = %fruit x\nint b = c;";
        CellText text = MagicRewriter.rewrite(source, magics);
        int position = text.java().indexOf("c;");
        assertThat(text.toOriginal(position)).isEqualTo(source.indexOf("c;"));
        assertThat(text.lineOf(text.toOriginal(position))).isEqualTo(3);
        assertThat(text.toOriginal(text.java().indexOf("lineMagic"))).isEqualTo(source.indexOf("%fruit"));
    }

    @Test
    void unknownMagicsOfferTheNearest() {
        KnownMagics magics = new KnownMagics();
        assertThat(magics.unknown("prun", true)).isEqualTo("There is no magic %prun; none is registered.");
        magics.registerLineMagic("prune", (kernel, args) -> null);
        magics.registerLineMagic("plot", (kernel, args) -> null);
        assertThat(magics.unknown("prun", true)).isEqualTo("There is no magic %prun; did you mean %prune?");
        assertThat(magics.unknown("other", true)).isEqualTo("There is no magic %other; there are %plot %prune.");
    }
}
