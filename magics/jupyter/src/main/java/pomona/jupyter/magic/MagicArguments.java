package pomona.jupyter.magic;

import java.util.List;
import java.util.Map;

/**
 * What a magic was given on its line.
 *
 * @param positional the arguments that are not options, in order
 * @param options the options by name without dashes, as text; only those that were given
 */
record MagicArguments(List<String> positional, Map<String, String> options) {

    String first() {
        return positional.get(0);
    }

    /** The options but those that the magic itself reads. */
    Map<String, String> optionsWithout(String... names) {
        Map<String, String> rest = new java.util.LinkedHashMap<>(options);
        List.of(names).forEach(rest::remove);
        return rest;
    }
}
