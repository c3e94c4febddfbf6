package pomona.jupyter.magic;

import java.util.List;
import java.util.Map;

/** {@code %fuse a b c}: the networks after the first one are its peers. */
final class FuseMagic extends PassMagic {

    private static final String PEERS = "peers";

    FuseMagic(Session session) {
        super(session, "fuse", "fuse", "Makes one network of several.");
    }

    @Override
    String networks() {
        return "1..*";
    }

    @Override
    String networksDescription() {
        return "the variables that hold the networks; those after the first are its peers";
    }

    @Override
    void takeRest(List<String> names, Map<String, Object> options) {
        if (!names.isEmpty()) {
            Object given = options.get(PEERS);
            String rest = String.join(",", names);
            options.put(PEERS, given == null ? rest : rest + "," + given);
        }
    }
}
