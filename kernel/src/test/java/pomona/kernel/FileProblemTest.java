package pomona.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import org.junit.jupiter.api.Test;

class FileProblemTest {

    @Test
    void saysInWordsWhatJavaSaysByClasses() {
        assertThat(FileProblem.reason(new NoSuchFileException("a"))).isEqualTo("a does not exist");
        assertThat(FileProblem.reason(new AccessDeniedException("a"))).isEqualTo("a may not be accessed");
        assertThat(FileProblem.reason(new FileAlreadyExistsException("a"))).isEqualTo("a is in the way");
        assertThat(FileProblem.reason(new NotDirectoryException("a"))).isEqualTo("a is not a folder");
        assertThat(FileProblem.reason(new DirectoryNotEmptyException("a")))
                .isEqualTo("a is a folder that is not empty");
        assertThat(FileProblem.reason(new FileSystemException("a", null, "No space left on device")))
                .isEqualTo("a: No space left on device");
        assertThat(FileProblem.reason(new FileSystemException("a"))).isEqualTo("a can not be used");
        assertThat(FileProblem.reason(new IOException("stream closed"))).isEqualTo("stream closed");
    }
}
