package pomona.kernel.magic;

import java.nio.file.Path;
import java.util.List;

/** Finds the jars of Maven dependencies. Its implementation is loaded with Maven's resolver, apart from the session. */
public interface DependencyResolver {

    /**
     * What is asked for.
     *
     * @param coordinates direct dependencies, {@code group:artifact[:extension[:classifier]]:version}
     * @param poms pieces of pom.xml whose dependencies, management and repositories count as well
     * @param repositories more repositories, {@code id=url} or a bare url
     * @param settings the settings.xml to use, or null for the user's
     * @param offline whether only the local repository is asked; null for what the settings say
     */
    record Request(
            List<String> coordinates, List<String> poms, List<String> repositories, Path settings, Boolean offline) {

        /** Copies the lists. */
        public Request {
            coordinates = List.copyOf(coordinates);
            poms = List.copyOf(poms);
            repositories = List.copyOf(repositories);
        }
    }

    /**
     * One file.
     *
     * @param library group and artifact, and the classifier if it has one
     * @param version the version that was chosen
     * @param file the jar in the local repository
     */
    record Resolved(String library, String version, Path file) {}

    /**
     * Resolves everything together.
     *
     * @return the jars, in the order of a class path
     * @throws MagicException if something can not be found; the message is one sentence
     */
    List<Resolved> resolve(Request request);
}
