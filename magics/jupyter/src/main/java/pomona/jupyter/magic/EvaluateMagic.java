package pomona.jupyter.magic;

import ai.djl.training.dataset.RandomAccessDataset;
import java.util.List;
import java.util.Map;
import pomona.evaluate.Evaluation;
import pomona.evaluate.EvaluationOptions;
import pomona.pass.PassBinding;

/** {@code %evaluate NETWORK --data DATASET}: measures a network on a data set. */
final class EvaluateMagic extends Magic<Evaluation> {

    private static final String DATA = "data";
    private static final String NAME = "name";

    EvaluateMagic(Session session) {
        super(session);
    }

    @Override
    MagicCommand command(List<String> words) {
        return new MagicCommand("evaluate", "Measures a network: its errors on a data set, its size and its speed.")
                .argument("NETWORK", "1", "the variable that holds the network")
                .required(DATA, "DATASET", "the variable that holds the data set")
                .option(NAME, "NAME", "what to call the network in the result; its own name if not given")
                .options(EvaluationOptions.class);
    }

    @Override
    Evaluation run(List<String> args) {
        MagicArguments given = command(args).parse(args);
        Map<String, String> options = given.optionsWithout(DATA, NAME);
        EvaluationOptions settings =
                PassBinding.settings(EvaluationOptions.class, "%evaluate", options, session::value);
        Evaluation evaluation = Evaluation.of(
                network(given.first()), value(given.options().get(DATA), RandomAccessDataset.class), settings);
        String name = given.options().get(NAME);
        return name == null ? evaluation : evaluation.named(name);
    }
}
