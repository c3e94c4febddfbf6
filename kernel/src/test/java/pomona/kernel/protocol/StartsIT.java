package pomona.kernel.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static pomona.kernel.protocol.KernelProcess.content;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/**
 * Kernels that start, run a cell and stop, one after another; ten of them, and a hundred with
 * {@code mvn verify -Dtest=none -Dit.test=StartsIT -Dpomona.starts=100}.
 */
class StartsIT {

    private static final int STARTS = Integer.getInteger("pomona.starts", 10);

    @Test
    void eachStartIsReadyAndEachStopEnds() throws Exception {
        for (int start = 1; start <= STARTS; start++) {
            // Its constructor waits for the first answers and for a cell.
            try (KernelProcess kernel = new KernelProcess()) {
                assertThat(kernel.execute("6 * 7").status())
                        .as("start " + start)
                        .isEqualTo("ok");
                kernel.request(kernel.control, "shutdown_request", content("restart", start % 2 == 0));
                assertThat(kernel.process.waitFor(10, TimeUnit.SECONDS))
                        .as("stop " + start)
                        .isTrue();
                assertThat(kernel.process.exitValue()).isZero();
            }
        }
    }
}
