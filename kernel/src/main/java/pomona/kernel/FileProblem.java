package pomona.kernel;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;

/** What the file system refused, in words: Java tells most of it by the classes of its exceptions. */
public final class FileProblem {

    private FileProblem() {}

    /** The reason with the file it is about, as the end of a sentence, without its full stop. */
    public static String reason(IOException problem) {
        if (!(problem instanceof FileSystemException fault)) {
            return problem.getMessage() == null ? "the file system gives no reason" : problem.getMessage();
        }
        String file = fault.getFile() == null ? "a file" : fault.getFile();
        if (fault instanceof NoSuchFileException) {
            return file + " does not exist";
        } else if (fault instanceof AccessDeniedException) {
            return file + " may not be accessed";
        } else if (fault instanceof FileAlreadyExistsException) {
            return file + " is in the way";
        } else if (fault instanceof DirectoryNotEmptyException) {
            return file + " is a folder that is not empty";
        } else if (fault instanceof NotDirectoryException) {
            return file + " is not a folder";
        }
        return fault.getReason() == null ? file + " can not be used" : file + ": " + fault.getReason();
    }
}
