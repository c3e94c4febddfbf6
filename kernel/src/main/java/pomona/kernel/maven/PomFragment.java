package pomona.kernel.maven;

import java.io.IOException;
import java.io.StringReader;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.maven.model.Dependency;
import org.apache.maven.model.Model;
import org.apache.maven.model.io.xpp3.MavenXpp3Reader;
import org.codehaus.plexus.util.xml.pull.XmlPullParserException;
import pomona.kernel.magic.MagicException;

/** The dependencies, their management and the repositories of a piece of pom.xml. */
final class PomFragment {

    private static final Pattern PROPERTY = Pattern.compile("\\$\\{([^}]+)}");

    private final Model model;
    private final Properties properties;

    private PomFragment(Model model) {
        this.model = model;
        this.properties = model.getProperties();
    }

    /** Parses a project, some of its elements, or bare dependencies. */
    static PomFragment parse(String xml) {
        String text = xml.strip();
        String body = text.replaceFirst("(?s)^<\\?xml.*?\\?>", "").strip();
        if (!body.startsWith("<project")) {
            String elements = body.startsWith("<dependency>") ? "<dependencies>" + body + "</dependencies>" : body;
            body = "<project>" + elements + "</project>";
        }
        try {
            return new PomFragment(new MavenXpp3Reader().read(new StringReader(body), true));
        } catch (XmlPullParserException e) {
            String why = e.getMessage().lines().findFirst().orElse("").replaceFirst("\\s*\\(position:.*", "");
            throw new MagicException("%%pom: this is no pom.xml: " + why + ".", e);
        } catch (IOException e) {
            throw new MagicException("%%pom: this is no pom.xml: " + e.getMessage() + ".", e);
        }
    }

    List<Dependency> dependencies() {
        model.getDependencies().forEach(this::interpolate);
        return model.getDependencies();
    }

    /** What is managed, imports of other poms included. */
    List<Dependency> managed() {
        if (model.getDependencyManagement() == null) {
            return List.of();
        }
        List<Dependency> all = model.getDependencyManagement().getDependencies();
        all.forEach(this::interpolate);
        return all;
    }

    /** Identifiers and addresses, in order. */
    List<Map.Entry<String, String>> repositories() {
        return model.getRepositories().stream()
                .map(each -> Map.entry(each.getId() == null ? each.getUrl() : each.getId(), interpolate(each.getUrl())))
                .toList();
    }

    private void interpolate(Dependency one) {
        one.setGroupId(interpolate(one.getGroupId()));
        one.setArtifactId(interpolate(one.getArtifactId()));
        one.setVersion(interpolate(one.getVersion()));
        one.setClassifier(interpolate(one.getClassifier()));
    }

    private String interpolate(String text) {
        if (text == null) {
            return null;
        }
        return PROPERTY.matcher(text)
                .replaceAll(found -> Matcher.quoteReplacement(
                        properties.getProperty(found.group(1), System.getProperty(found.group(1), found.group()))));
    }
}
