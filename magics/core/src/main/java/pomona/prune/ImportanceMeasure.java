package pomona.prune;

import java.util.Map;

/** Measures what makes channels matter; those without a score can not be compared. */
record ImportanceMeasure(ChannelImportance importance, long seed) {

    Map<Integer, Double> of(Structures structures) {
        ChannelScores scores = new ChannelScores(structures.coupling());
        return switch (importance) {
            case L1 -> scores.magnitudes();
            case L2 -> scores.roots();
            case BATCH_NORM_SCALE -> scores.batchNormScales();
            case GEOMETRIC_MEDIAN -> scores.distances(structures.groups());
            case RANDOM -> ChannelScores.random(structures.groups(), seed);
        };
    }
}
