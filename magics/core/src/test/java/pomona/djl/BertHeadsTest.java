package pomona.djl;

import ai.djl.ndarray.types.Shape;
import ai.djl.nn.transformer.BertBlock;
import ai.djl.nn.transformer.BertNextSentenceBlock;
import ai.djl.nn.transformer.BertPretrainingBlock;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The heads that DJL puts on BERT give as networks what they give on the PyTorch engine. */
class BertHeadsTest {

    private final BlockComparison comparison = new BlockComparison();

    @AfterEach
    void close() {
        comparison.close();
    }

    private static BertBlock.Builder bert() {
        return BertBlock.builder()
                .setTokenDictionarySize(30)
                .optTypeDictionarySize(2)
                .optEmbeddingSize(12)
                .optAttentionHeadCount(3)
                .optTransformerBlockCount(2)
                .optHiddenSize(24)
                .optMaxSequenceLength(8);
    }

    @Test
    void nextSentence() {
        comparison.assertGivesTheSame(
                "next sentence", new BertNextSentenceBlock(), List.of(new Shape(1, 12)), List.of(1f));
    }

    @Test
    void pretraining() {
        Shape text = new Shape(1, 8);
        comparison.assertGivesTheSame(
                "pretraining",
                new BertPretrainingBlock(bert()),
                List.of(text, text, text, new Shape(1, 3)),
                List.of(30f, 2f, 2f, 8f));
    }
}
