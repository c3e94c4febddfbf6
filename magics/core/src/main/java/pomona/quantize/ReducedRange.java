package pomona.quantize;

import java.util.LinkedHashMap;
import java.util.Map;
import pomona.graph.Step;

/**
 * Whether weights use 7 of their 8 bits. Processors that add pairs of 8-bit products in 16 bits (x86 with AVX2 or AVX-512
 * and without VNNI) clip large sums; 7-bit weights keep the sums small enough.
 */
public enum ReducedRange {
    /** Seven bits exactly when this machine's processor would clip. */
    AUTO,
    /** Seven bits, right on every processor. */
    ON,
    /** Eight bits, for processors that do not clip. */
    OFF;

    /** On or off, for this machine. */
    ReducedRange resolve() {
        return resolve(Processor.here());
    }

    /** On or off, for a processor. */
    ReducedRange resolve(Processor processor) {
        return this != AUTO ? this : processor.clipsProducts() ? ON : OFF;
    }

    /** The largest quantized weight; the smallest is its negative. */
    int largest() {
        return resolve() == ON ? 63 : 127;
    }

    /** A step whose option says what was used, since {@code auto} means another thing on another machine. */
    Step namedIn(Step step) {
        Map<String, String> options = new LinkedHashMap<>(step.options());
        options.put("reducedRange", resolve() == ON ? "on" : "off");
        return new Step(step.name(), options);
    }
}
