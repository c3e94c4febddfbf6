package pomona.kernel.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import pomona.kernel.notebook.NotebookException;

/**
 * Where a run writes: beside each notebook, or where the options say. A place is a file for one notebook, and a folder
 * for several or when it is one already.
 *
 * @param output of {@code --output}, or null
 * @param html of {@code --html}, or null
 * @param several whether several notebooks run
 */
record RunPlaces(Path output, Path html, boolean several) {

    Path outputOf(Path notebook) {
        return placeOf(notebook, output, ".executed.ipynb");
    }

    Path htmlOf(Path notebook) {
        return placeOf(notebook, html, ".html");
    }

    private Path placeOf(Path notebook, Path asked, String ending) {
        String name = notebook.getFileName().toString().replaceFirst("\\.ipynb$", "") + ending;
        if (asked == null) {
            return notebook.resolveSibling(name);
        }
        return several || Files.isDirectory(asked) ? asked.resolve(name) : asked;
    }

    /** Checks all places before anything runs. */
    void check(List<Path> notebooks) throws NotebookException {
        checkFolder("--output", output);
        checkFolder("--html", html);
        Map<Path, Path> taken = new HashMap<>();
        for (Path notebook : notebooks) {
            for (Path place : List.of(outputOf(notebook), htmlOf(notebook))) {
                checkFile(place);
                if (place.toAbsolutePath().equals(notebook.toAbsolutePath())) {
                    throw new NotebookException(place + " is the notebook itself: give another file.");
                }
                Path other = taken.putIfAbsent(place.toAbsolutePath().normalize(), notebook);
                if (other != null) {
                    throw new NotebookException(
                            other.equals(notebook) && notebooks.indexOf(notebook) == notebooks.lastIndexOf(notebook)
                                    ? "--output and --html are the same file: give two."
                                    : other + " and " + notebook + " would both be written to " + place
                                            + ": run them one by one.");
                }
            }
        }
    }

    private void checkFolder(String option, Path asked) throws NotebookException {
        if (several && asked != null && Files.exists(asked) && !Files.isDirectory(asked)) {
            throw new NotebookException(
                    option + " names the file " + asked + ", but several notebooks were given: name a folder.");
        }
        if (several && asked != null && !Files.exists(asked)) {
            checkFile(asked);
        }
    }

    /** Checks that a file can be written; the folder that several notebooks go to is made later. */
    void checkFile(Path place) throws NotebookException {
        if (Files.isDirectory(place)) {
            throw new NotebookException(place + " is a folder, but a file is to be written there.");
        }
        Path folder = place.toAbsolutePath().getParent();
        boolean toBeMade = several && (isIn(folder, output) || isIn(folder, html)) && !Files.exists(folder);
        if (!toBeMade && (!Files.isDirectory(folder) || !Files.isWritable(folder))) {
            throw new NotebookException("Nothing can be written to " + folder + ": "
                    + (Files.isDirectory(folder) ? "it is not writable." : "there is no such folder."));
        }
    }

    private static boolean isIn(Path folder, Path asked) {
        return asked != null && folder.equals(asked.toAbsolutePath());
    }
}
