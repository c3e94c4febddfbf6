package pomona.quantize;

/**
 * Two networks that ran in turns: the fastest until then, and one in which a run of neighbouring layers is changed.
 *
 * @param first the first of those layers
 * @param last the last of them
 * @param inFloat whether they were changed to floats, or else to integers
 * @param micros the median time of the changed network, in microseconds
 * @param microsBefore the median time of the fastest until then, in microseconds
 * @param won whether the change was kept: it must win two parts of a hundred
 */
public record LayerRace(String first, String last, boolean inFloat, double micros, double microsBefore, boolean won) {}
