package pomona.jupyter.magic;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import pomona.evaluate.Evaluation;
import pomona.graph.Network;
import pomona.report.Report;
import tech.tablesaw.api.Table;

/** {@code %compare E1 E2 ...}: evaluations as one table. */
final class CompareMagic extends Magic<Table> {

    CompareMagic(Session session) {
        super(session);
    }

    @Override
    MagicCommand command(List<String> words) {
        return new MagicCommand("compare", "Puts evaluations into one table, a row for each.")
                .argument("EVALUATION", "1..*", "the variables that hold evaluations, or lists of them");
    }

    @Override
    Table run(List<String> args) {
        List<Evaluation> evaluations = new ArrayList<>();
        for (String name : command(args).parse(args).positional()) {
            Object value = session.value(name);
            Collection<?> items = value instanceof Collection<?> several ? several : List.of(orNone(value));
            items.forEach(item -> evaluations.add(evaluation(name, item)));
        }
        return Report.compare(evaluations);
    }

    private static Object orNone(Object value) {
        return value == null ? "null" : value;
    }

    private static Evaluation evaluation(String name, Object value) {
        if (value instanceof Evaluation evaluation) {
            return evaluation;
        }
        String hint = value instanceof Network ? "; %evaluate " + name + " --data DATASET makes one." : ".";
        throw new IllegalArgumentException(name + " is " + Types.a(value) + ", but it takes an Evaluation" + hint);
    }
}
