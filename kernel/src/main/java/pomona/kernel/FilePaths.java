package pomona.kernel;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import pomona.kernel.CodeAssistant.Item;

/** Proposes the files whose paths go on from what is typed. */
final class FilePaths {

    private static final int MOST = 200;

    private FilePaths() {}

    /**
     * The paths, folders with a slash behind them.
     *
     * @param typed the beginning of a path; a leading {@code ~} is the user's home
     * @param folder where relative paths begin
     */
    static List<Item> startingWith(String typed, Path folder) {
        int slash = typed.lastIndexOf('/');
        String parent = typed.substring(0, slash + 1);
        String prefix = typed.substring(slash + 1);
        String home = System.getProperty("user.home");
        try (Stream<Path> files =
                Files.list(folder.resolve(parent.startsWith("~/") ? home + parent.substring(1) : parent))) {
            return files.filter(file -> file.getFileName().toString().startsWith(prefix))
                    .filter(file ->
                            !prefix.isEmpty() || !file.getFileName().toString().startsWith("."))
                    .sorted()
                    .limit(MOST)
                    .map(file -> parent + file.getFileName() + (Files.isDirectory(file) ? "/" : ""))
                    .map(path -> new Item(path, "path", "", ""))
                    .toList();
        } catch (IOException | InvalidPathException e) {
            return List.of();
        }
    }
}
