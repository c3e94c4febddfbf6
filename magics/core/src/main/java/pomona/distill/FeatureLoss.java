package pomona.distill;

import ai.djl.ndarray.NDArray;
import pomona.djl.Scalars;

/** How far what a student computes is from what its teacher computes, place by place. */
public enum FeatureLoss {
    /**
     * The mean squared difference. Source: Romero et al., FitNets, 2015 (arXiv 1412.6550), equation 2; for the hidden
     * states of transformers Jiao et al., TinyBERT, 2020 (arXiv 1909.10351), equation 8.
     */
    MSE {
        @Override
        NDArray perPlace(NDArray student, NDArray teacher) {
            return student.sub(teacher).square().mean(LAST);
        }
    },
    /**
     * One minus the cosine of the angle between the two vectors, whatever their lengths. Source: Sanh et al., DistilBERT,
     * 2019 (arXiv 1910.01108), section 2.
     */
    COSINE {
        @Override
        NDArray perPlace(NDArray student, NDArray teacher) {
            NDArray lengths =
                    student.square().sum(LAST).mul(teacher.square().sum(LAST)).add(SMALLEST);
            NDArray cosine = student.mul(teacher).sum(LAST).div(lengths.sqrt());
            return Scalars.times(cosine, -1).add(1);
        }
    };

    private static final int[] LAST = {-1};

    /** Keeps the cosine of a vector of zeros finite. */
    private static final float SMALLEST = 1e-24f;

    /** The loss of each vector along the last axis, (..., width) to (...). */
    abstract NDArray perPlace(NDArray student, NDArray teacher);
}
