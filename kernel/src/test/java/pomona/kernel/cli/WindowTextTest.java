package pomona.kernel.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class WindowTextTest {

    private static final String TABLE = """
            profile of encoder

            layer                     operator  non-zeros  bytes
            ------------------------  --------  ---------  -----
            encoder.layer.0.query.fc  MatMul        1,024  4,096
            encoder.layer.0.norm      Add               8     32
            total                                   1,032  4,128
            ... 3 more rows are not shown""";

    @Test
    void leavesWhatFits() {
        assertThat(layOut(TABLE, 52)).isEqualTo(TABLE);
    }

    @Test
    void shortensLongNamesInTheirMiddle() {
        assertThat(layOut(TABLE, 46)).isEqualTo("""
                profile of encoder

                layer               operator  non-zeros  bytes
                ------------------  --------  ---------  -----
                encoder.l…query.fc  MatMul        1,024  4,096
                encoder.l…r.0.norm  Add               8     32
                total                             1,032  4,128
                ... 3 more rows are not shown""");
    }

    @Test
    void splitsColumnsOverBlocksThatAllNameTheRows() {
        assertThat(layOut(TABLE, 34)).isEqualTo("""
                profile of encoder

                layer             operator
                ----------------  --------
                encoder.…uery.fc  MatMul
                encoder.….0.norm  Add
                total

                layer             non-zeros  bytes
                ----------------  ---------  -----
                encoder.…uery.fc      1,024  4,096
                encoder.….0.norm          8     32
                total                 1,032  4,128
                ... 3 more rows are not shown""");
    }

    @Test
    void noLineOfATableIsEverWiderThanTheWindow() {
        for (int room = 30; room < 60; room++) {
            int most = room;
            assertThat(new WindowText(room).of(TABLE.lines().toList()))
                    .as("at %d columns", room)
                    .allMatch(line -> WindowText.width(line) <= most)
                    .anyMatch(line -> line.contains("4,128"))
                    .anyMatch(line -> line.contains("1,032"));
        }
    }

    @Test
    void breaksOtherLinesBetweenWordsAndBelowTheirLastColumn() {
        assertThat(layOut("one two three four", 9)).isEqualTo("one two\nthree\nfour");
        assertThat(layOut("%load   Runs a file in this session", 20))
                .isEqualTo("%load   Runs a file\n        in this\n        session");
        assertThat(layOut("a/path/that/is/long", 9)).isEqualTo("a/path/that/is/long");
    }

    @Test
    void coloursTakeNoRoom() {
        String bold = "\u001B[1mone two\u001B[0m";
        assertThat(layOut(bold, 7)).isEqualTo(bold);
        assertThat(layOut(bold + " three", 8)).isEqualTo(bold + "\nthree");
    }

    private static String layOut(String text, int room) {
        List<String> lines = new WindowText(room).of(text.lines().toList());
        return String.join("\n", lines);
    }
}
