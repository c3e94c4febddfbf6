package pomona.calibrate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Random;
import org.junit.jupiter.api.Test;

class InverseFactorTest {

    @Test
    void theFactorIsOfTheInverse() {
        Random random = new Random(3);
        int size = 37;
        double[][] hessian = new double[size][size];
        for (int n = 0; n < 3 * size; n++) {
            double[] x = random.doubles(size, -1, 1).toArray();
            for (int i = 0; i < size; i++) {
                for (int j = 0; j < size; j++) {
                    hessian[i][j] += x[i] * x[j];
                }
            }
        }
        double[][] copy = java.util.Arrays.stream(hessian).map(double[]::clone).toArray(double[][]::new);
        double[][] upper = InverseFactor.of(copy);
        for (int i = 0; i < size; i++) {
            for (int j = 0; j < size; j++) {
                double product = 0;
                for (int k = 0; k < size; k++) {
                    double inverse = 0;
                    for (int m = 0; m < size; m++) {
                        inverse += upper[m][i] * upper[m][k];
                    }
                    product += inverse * hessian[k][j];
                }
                assertThat(product).isCloseTo(i == j ? 1 : 0, within(1e-9));
                assertThat(j < i ? upper[i][j] : 0).isZero();
            }
        }
        assertThat(InverseFactor.of(new double[][] {{1, 2}, {2, 1}})).isNull();
    }
}
