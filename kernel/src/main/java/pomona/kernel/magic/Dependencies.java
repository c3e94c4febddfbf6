package pomona.kernel.magic;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import pomona.kernel.magic.DependencyResolver.Request;
import pomona.kernel.magic.DependencyResolver.Resolved;

/**
 * The Maven dependencies of a session. All that was asked for since it began is resolved together each time, so that
 * versions fit as in a project's pom.xml; only what is loaded already can not change.
 */
public final class Dependencies {

    private final Set<String> coordinates = new LinkedHashSet<>();
    private final Set<String> poms = new LinkedHashSet<>();
    private final Set<String> repositories = new LinkedHashSet<>();
    private final Map<String, Resolved> loaded = new LinkedHashMap<>();
    private DependencyResolver resolver;

    /** Resolves old and new together, adds the new jars to the session, and prints what came of it. */
    void add(LiveSession session, Request more) {
        if (resolver == null) {
            resolver = ResolverLoader.load();
        }
        Request all = new Request(
                joined(coordinates, more.coordinates()),
                joined(poms, more.poms()),
                joined(repositories, more.repositories()),
                more.settings(),
                more.offline());
        List<Resolved> found = resolver.resolve(all);
        coordinates.addAll(more.coordinates());
        poms.addAll(more.poms());
        repositories.addAll(more.repositories());
        List<String> added = new ArrayList<>();
        for (Resolved one : found) {
            if (isNew(session, one)) {
                session.addToClassPath(one.file());
                loaded.put(one.library(), one);
                added.add(one.file().getFileName().toString());
            }
        }
        System.out.println(
                added.isEmpty()
                        ? "Everything was there already."
                        : "Added " + added.size() + (added.size() == 1 ? " jar: " : " jars: ")
                                + String.join(", ", added) + ".");
    }

    private boolean isNew(LiveSession session, Resolved one) {
        String wanted = one.file().getFileName().toString();
        Resolved before = loaded.get(one.library());
        if (before != null) {
            if (!before.version().equals(one.version())) {
                JarFiles.sayConflict(wanted, before.file().getFileName().toString());
            }
            return false;
        }
        List<Path> present = session.classPath();
        Optional<Path> other = JarFiles.otherVersion(one.file(), present);
        if (other.isPresent()) {
            String name = other.get().getFileName().toString();
            if (!name.equals(wanted)) {
                JarFiles.sayConflict(wanted, name);
            }
            return false;
        }
        return true;
    }

    private static List<String> joined(Set<String> old, List<String> more) {
        Set<String> all = new LinkedHashSet<>(old);
        all.addAll(more);
        return List.copyOf(all);
    }
}
