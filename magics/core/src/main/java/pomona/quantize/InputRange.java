package pomona.quantize;

/** Over what the range of a layer's input is taken while the network runs. */
public enum InputRange {
    /** Over the whole batch: fastest, but a result depends a little on what else is in the batch, padding included. */
    BATCH,
    /** Over each row by itself, such as a token, or each image: a result is the same alone and in any batch. */
    SAMPLE
}
