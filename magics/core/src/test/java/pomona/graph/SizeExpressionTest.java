package pomona.graph;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class SizeExpressionTest {

    private static final SizeExpression H = SizeExpression.symbol("h");
    private static final SizeExpression W = SizeExpression.symbol("w");

    @Test
    void equalSizesHaveEqualTexts() {
        assertThat(W.times(H).times(2).plus(1))
                .hasToString("2*h*w+1")
                .isEqualTo(H.times(W.times(2)).plus(1));
        assertThat(H.minus(W).plus(W)).isEqualTo(H).hasToString("h");
        assertThat(H.minus(H)).hasToString("0");
        assertThat(W.times(-1).plus(3)).hasToString("-w+3");
    }

    @Test
    void divides() {
        assertThat(H.times(W).times(12).dividedBy(H.times(4))).hasToString("3*w");
        assertThat(H.plus(1).times(6).dividedBy(H.plus(1))).hasToString("6");
        assertThat(H.plus(1).times(W.plus(2)).dividedBy(W)).isNull();
        assertThat(H.dividedBy(SizeExpression.of(2))).isNull();
        assertThat(H.plus(5).floorDividedBy(2)).hasToString("floor((h+1)/2)+2");
        assertThat(H.times(4).plus(3).floorDividedBy(4)).hasToString("h");
        assertThat(H.ceilDividedBy(2)).hasToString("floor((h+1)/2)");
    }

    @Test
    void readsItsOwnTextsAndTakesOthersAsOneSymbol() {
        String text = "3*floor((h+1)/2)*w-2*h+1";
        assertThat(SizeExpression.of(Dimension.of(text))).hasToString(text);
        assertThat(SizeExpression.of(Dimension.of("a dim/2"))).isEqualTo(SizeExpression.symbol("a dim/2"));
        assertThat(SizeExpression.of(Dimension.UNKNOWN)).isNull();
        assertThat(SizeExpression.of(-3).toDimension()).isEqualTo(Dimension.UNKNOWN);
    }

    @Property(tries = 200)
    void textsAndValuesStayTheSame(
            @ForAll @IntRange(min = 1, max = 50) int h,
            @ForAll @IntRange(min = 1, max = 50) int w,
            @ForAll @IntRange(min = -9, max = 9) int a,
            @ForAll @IntRange(min = 1, max = 9) int b) {
        Map<String, Long> sizes = Map.of("h", (long) h, "w", (long) w);
        SizeExpression expression =
                H.times(W).times(a).plus(H.plus(a).floorDividedBy(b)).minus(W.times(b));
        long expected = (long) h * w * a + Math.floorDiv(h + a, b) - (long) w * b;
        assertThat(expression.at(sizes::get)).isEqualTo(expected);
        assertThat(SizeExpressionParser.parse(expression.toString())).isEqualTo(expression);
        assertThat(expression.floorDividedBy(b).at(sizes::get)).isEqualTo(Math.floorDiv(expected, b));
    }
}
