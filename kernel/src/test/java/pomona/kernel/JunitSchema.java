package pomona.kernel;

import static org.assertj.core.api.Assertions.assertThatCode;

import java.nio.file.Path;
import javax.xml.XMLConstants;
import javax.xml.transform.stream.StreamSource;
import javax.xml.validation.Schema;
import javax.xml.validation.SchemaFactory;

/** The schema of JUnit reports. */
public final class JunitSchema {

    private JunitSchema() {}

    /** Fails when a file does not follow the schema. */
    public static void assertFollows(Path file) throws Exception {
        Schema schema = SchemaFactory.newInstance(XMLConstants.W3C_XML_SCHEMA_NS_URI)
                .newSchema(JunitSchema.class.getResource("/junit/junit.xsd"));
        assertThatCode(() -> schema.newValidator().validate(new StreamSource(file.toFile())))
                .doesNotThrowAnyException();
    }
}
