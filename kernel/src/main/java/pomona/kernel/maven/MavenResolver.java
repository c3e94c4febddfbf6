package pomona.kernel.maven;

import eu.maveniverse.maven.mima.context.Context;
import eu.maveniverse.maven.mima.context.ContextOverrides;
import eu.maveniverse.maven.mima.context.Runtimes;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.eclipse.aether.RepositoryException;
import org.eclipse.aether.artifact.Artifact;
import org.eclipse.aether.artifact.DefaultArtifact;
import org.eclipse.aether.collection.CollectRequest;
import org.eclipse.aether.graph.Dependency;
import org.eclipse.aether.graph.DependencyFilter;
import org.eclipse.aether.graph.Exclusion;
import org.eclipse.aether.repository.RemoteRepository;
import org.eclipse.aether.resolution.ArtifactDescriptorRequest;
import org.eclipse.aether.resolution.ArtifactResult;
import org.eclipse.aether.resolution.DependencyRequest;
import org.eclipse.aether.util.artifact.JavaScopes;
import org.eclipse.aether.util.filter.DependencyFilterUtils;
import pomona.kernel.magic.DependencyResolver;
import pomona.kernel.magic.MagicException;

/** Maven's resolver with the user's settings, as MIMA sets it up. */
public final class MavenResolver implements DependencyResolver {

    private static final Pattern LOCAL = Pattern.compile("-Dmaven\\.repo\\.local=(\"[^\"]+\"|\\S+)");

    private static final Pattern MISSING = Pattern.compile("\\S+ \\((?:absent|present, but unavailable)\\)");

    @Override
    public List<Resolved> resolve(Request request) {
        ContextOverrides.Builder overrides = ContextOverrides.create().withUserSettings(true);
        if (request.settings() != null) {
            overrides.withUserSettingsXmlOverride(request.settings());
        }
        if (request.offline() != null) {
            overrides.offline(request.offline());
        }
        Path local = localRepository();
        if (local != null && request.settings() == null) {
            overrides.withLocalRepositoryOverride(local);
        }
        Thread thread = Thread.currentThread();
        ClassLoader before = thread.getContextClassLoader();
        // MIMA looks for its parts through the thread's loader.
        thread.setContextClassLoader(MavenResolver.class.getClassLoader());
        try (Context context = Runtimes.INSTANCE.getRuntime().create(overrides.build())) {
            return resolve(context, request);
        } catch (RepositoryException e) {
            throw new MagicException(sentence(e), e);
        } finally {
            thread.setContextClassLoader(before);
        }
    }

    /** Where Maven itself would be told to keep its repository, if its environment says so. */
    private static Path localRepository() {
        return Stream.of(System.getProperty("maven.repo.local"), fromOptions("MAVEN_ARGS"), fromOptions("MAVEN_OPTS"))
                .filter(Objects::nonNull)
                .findFirst()
                .map(Path::of)
                .orElse(null);
    }

    private static String fromOptions(String variable) {
        Matcher matcher = LOCAL.matcher(Objects.requireNonNullElse(System.getenv(variable), ""));
        return matcher.find() ? matcher.group(1).replace("\"", "") : null;
    }

    private static List<Resolved> resolve(Context context, Request request) throws RepositoryException {
        CollectRequest collect = new CollectRequest();
        List<PomFragment> poms = request.poms().stream().map(PomFragment::parse).toList();
        collect.setRepositories(repositories(context, request, poms));
        Map<String, Dependency> managed = new LinkedHashMap<>();
        for (PomFragment pom : poms) {
            addManaged(context, pom, managed, collect.getRepositories());
        }
        managed.values().forEach(collect::addManagedDependency);
        for (String coordinate : request.coordinates()) {
            collect.addDependency(new Dependency(artifact(coordinate), JavaScopes.RUNTIME));
        }
        for (PomFragment pom : poms) {
            for (org.apache.maven.model.Dependency one : pom.dependencies()) {
                addDependency(collect, one, managed);
            }
        }
        DependencyFilter filter = DependencyFilterUtils.classpathFilter(JavaScopes.RUNTIME);
        List<Resolved> found = new ArrayList<>();
        for (ArtifactResult result : context.repositorySystem()
                .resolveDependencies(context.repositorySystemSession(), new DependencyRequest(collect, filter))
                .getArtifactResults()) {
            Artifact artifact = result.getArtifact();
            if (artifact.getExtension().equals("jar")) {
                found.add(new Resolved(
                        library(artifact),
                        artifact.getVersion(),
                        artifact.getFile().toPath()));
            }
        }
        return found;
    }

    /** Why a resolution failed: Maven names all artifacts that are missing, and then where the first one was looked for. */
    private static String sentence(RepositoryException failure) {
        String text = Objects.requireNonNullElse(failure.getMessage(), failure.toString());
        Matcher missing = MISSING.matcher(text);
        int count = 0;
        int end = 0;
        while (missing.find()) {
            count++;
            end = missing.end();
        }
        String why = text.substring(end)
                .replaceFirst("^[:\\s]+", "")
                .lines()
                .findFirst()
                .orElse(text);
        String more = count > 1 ? " (and " + (count - 1) + " more)" : "";
        return "Maven: " + (why.endsWith(".") ? why.substring(0, why.length() - 1) : why) + more + ".";
    }

    private static Artifact artifact(String coordinate) {
        try {
            return new DefaultArtifact(coordinate);
        } catch (IllegalArgumentException e) {
            throw new MagicException("%maven: " + coordinate + " is no coordinate; write group:artifact:version.", e);
        }
    }

    private static String library(Artifact artifact) {
        String classifier = artifact.getClassifier().isEmpty() ? "" : ":" + artifact.getClassifier();
        return artifact.getGroupId() + ":" + artifact.getArtifactId() + classifier;
    }

    private static List<RemoteRepository> repositories(Context context, Request request, List<PomFragment> poms) {
        List<RemoteRepository> more = new ArrayList<>();
        for (String text : request.repositories()) {
            Matcher named = Pattern.compile("([\\w.-]+)=(.+)").matcher(text);
            more.add(named.matches() ? repository(named.group(1), named.group(2)) : repository(idOf(text), text));
        }
        for (PomFragment pom : poms) {
            pom.repositories().forEach(each -> more.add(repository(each.getKey(), each.getValue())));
        }
        // Mirrors, proxies and passwords of the settings hold for these too.
        List<RemoteRepository> all = new ArrayList<>(
                context.repositorySystem().newResolutionRepositories(context.repositorySystemSession(), more));
        all.addAll(context.remoteRepositories());
        return all;
    }

    private static RemoteRepository repository(String id, String url) {
        return new RemoteRepository.Builder(id, "default", url).build();
    }

    private static String idOf(String url) {
        return url.replaceFirst("^\\w+:/*", "").replaceAll("[^\\w.-]+", "-");
    }

    private static void addManaged(
            Context context, PomFragment pom, Map<String, Dependency> managed, List<RemoteRepository> repositories)
            throws RepositoryException {
        for (org.apache.maven.model.Dependency one : pom.managed()) {
            if ("import".equals(one.getScope())) {
                ArtifactDescriptorRequest bom = new ArtifactDescriptorRequest(
                        new DefaultArtifact(one.getGroupId(), one.getArtifactId(), "pom", one.getVersion()),
                        repositories,
                        null);
                context.repositorySystem()
                        .readArtifactDescriptor(context.repositorySystemSession(), bom)
                        .getManagedDependencies()
                        .forEach(each -> managed.putIfAbsent(library(each.getArtifact()), each));
            } else {
                Dependency each = dependency(one, one.getVersion());
                managed.put(library(each.getArtifact()), each);
            }
        }
    }

    private static void addDependency(
            CollectRequest collect, org.apache.maven.model.Dependency one, Map<String, Dependency> managed) {
        if (List.of("test", "provided", "system").contains(Objects.requireNonNullElse(one.getScope(), ""))) {
            return;
        }
        Dependency wanted = dependency(one, Objects.requireNonNullElse(one.getVersion(), "0"));
        Dependency rule = managed.get(library(wanted.getArtifact()));
        if (one.getVersion() == null && rule == null) {
            throw new MagicException("%%pom: " + library(wanted.getArtifact()) + " has no version.");
        }
        collect.addDependency(
                one.getVersion() != null
                        ? wanted
                        : wanted.setArtifact(wanted.getArtifact()
                                .setVersion(rule.getArtifact().getVersion())));
    }

    private static Dependency dependency(org.apache.maven.model.Dependency one, String version) {
        String classifier = Objects.requireNonNullElse(one.getClassifier(), "");
        Artifact artifact =
                new DefaultArtifact(one.getGroupId(), one.getArtifactId(), classifier, one.getType(), version);
        List<Exclusion> exclusions = one.getExclusions().stream()
                .map(each -> new Exclusion(each.getGroupId(), each.getArtifactId(), "*", "*"))
                .toList();
        String scope = one.getScope() == null || one.getScope().equals("compile") ? JavaScopes.RUNTIME : one.getScope();
        return new Dependency(artifact, scope, one.isOptional(), exclusions);
    }
}
