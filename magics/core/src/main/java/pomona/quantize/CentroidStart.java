package pomona.quantize;

/**
 * Where the centroids of a codebook stand before k-means moves them. Source: Han et al., Deep Compression, 2016 (arXiv
 * 1510.00149), section 3.2.
 */
public enum CentroidStart {

    /** At equal distances between the smallest and the largest weight, so that the few large ones are met well. */
    LINEAR,

    /** At weights drawn at random. */
    RANDOM,

    /** With equally many weights between them. */
    DENSITY
}
