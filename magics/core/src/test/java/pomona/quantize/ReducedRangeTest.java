package pomona.quantize;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import pomona.Networks;
import pomona.graph.Step;

class ReducedRangeTest {

    private static final String NAMES = "flags\t\t: fpu sse4_2 avx2 ";

    private static Processor processor(String architecture, String flags) {
        return new Processor(architecture, List.of("processor\t: 0", "vendor_id\t: GenuineIntel", flags));
    }

    @ParameterizedTest
    @ValueSource(strings = {"avx512f avx512bw", "avx512f avx512_vnnix", "xavx_vnni", ""})
    void processorsThatClipHaveSevenBits(String flags) {
        for (String architecture : List.of("amd64", "x86_64", "x86")) {
            Processor clips = processor(architecture, NAMES + flags);
            assertThat(clips.clipsProducts()).isTrue();
            assertThat(ReducedRange.AUTO.resolve(clips)).isEqualTo(ReducedRange.ON);
            assertThat(ReducedRange.OFF.resolve(clips)).isEqualTo(ReducedRange.OFF);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"avx512f avx512_vnni", "avx_vnni", "avx512_vnni avx_vnni amx_int8", "avx_vnni bmi2"})
    void processorsWithVnniHaveEight(String flags) {
        Processor exact = processor("amd64", NAMES + flags);
        assertThat(exact.clipsProducts()).isFalse();
        assertThat(ReducedRange.AUTO.resolve(exact)).isEqualTo(ReducedRange.OFF);
        assertThat(ReducedRange.ON.resolve(exact)).isEqualTo(ReducedRange.ON);
    }

    @Test
    void otherProcessorsDoNotClipAndUnknownOnesMay() {
        assertThat(ReducedRange.AUTO.resolve(new Processor("aarch64", List.of())))
                .isEqualTo(ReducedRange.OFF);
        assertThat(ReducedRange.AUTO.resolve(new Processor("amd64", List.of()))).isEqualTo(ReducedRange.ON);
    }

    @Test
    void thisMachinesOwnIsWhatAutoTakes() {
        ReducedRange here = ReducedRange.AUTO.resolve(Processor.here());
        assertThat(ReducedRange.AUTO.resolve()).isEqualTo(here);
        assertThat(ReducedRange.AUTO.largest()).isEqualTo(here == ReducedRange.ON ? 63 : 127);
        Step step = new StaticQuantization(RandomRecords.of(4, 3)).step();
        assertThat(step.options()).containsEntry("reducedRange", here == ReducedRange.ON ? "on" : "off");
        assertThat(Networks.mlp(3, 2)
                        .apply(new DynamicQuantization())
                        .provenance()
                        .get(0)
                        .options())
                .containsEntry("reducedRange", here == ReducedRange.ON ? "on" : "off");
    }
}
