package pomona.kernel.notebook;

import com.google.gson.FormattingStyle;
import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.Strictness;
import java.io.IOException;
import java.io.Writer;
import java.nio.charset.MalformedInputException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import pomona.kernel.FileProblem;
import pomona.kernel.JavaLanguage;

/**
 * A Jupyter notebook in format 4 (nbformat 4.0 to 4.5).
 *
 * <p>Everything in the file that is not understood here (metadata of other tools, attachments, unknown fields) is kept
 * and written back. Format: the nbformat 4 JSON schema.
 */
public final class Notebook {

    private static final Gson GSON = new GsonBuilder()
            .setStrictness(Strictness.STRICT)
            .setFormattingStyle(FormattingStyle.PRETTY.withIndent(" "))
            .disableHtmlEscaping()
            .serializeNulls()
            .create();

    private final JsonObject json;

    private Notebook(JsonObject json) {
        this.json = json;
    }

    /**
     * Reads a notebook file.
     *
     * @throws NotebookException when there is no such file, or it is not a notebook in format 4
     */
    public static Notebook read(Path file) throws NotebookException {
        String text;
        try {
            text = Files.readString(file);
        } catch (NoSuchFileException e) {
            throw new NotebookException("There is no notebook " + file + ".");
        } catch (MalformedInputException e) {
            throw new NotebookException(file + " is not a notebook: it is not UTF-8 text.");
        } catch (IOException e) {
            throw new NotebookException(file + " can not be read: "
                    + (Files.isDirectory(file) ? "it is a folder" : FileProblem.reason(e)) + ".");
        }
        return parse(text, file.toString());
    }

    static Notebook parse(String text, String name) throws NotebookException {
        JsonElement root;
        try {
            root = GSON.fromJson(text, JsonElement.class);
        } catch (JsonParseException e) {
            throw new NotebookException(name + " is not a notebook: it is not JSON.");
        }
        if (!(root instanceof JsonObject object) || !object.has("nbformat")) {
            throw new NotebookException(name + " is not a notebook: it has no \"nbformat\" field.");
        }
        String format = object.get("nbformat").toString();
        if (!"4".equals(format)) {
            throw new NotebookException(name + " is in notebook format " + format
                    + ", but format 4 is needed: open and save it once in Jupyter.");
        }
        JsonElement minor = object.get("nbformat_minor");
        if (minor != null && !minor.toString().matches("\\d{1,3}")) {
            throw new NotebookException(
                    name + " is not a notebook: its \"nbformat_minor\" is " + minor + ", but must be a number.");
        }
        checkCells(object, name);
        return new Notebook(object);
    }

    private static void checkCells(JsonObject object, String name) throws NotebookException {
        if (!(object.get("cells") instanceof JsonArray cells)) {
            throw new NotebookException(name + " is not a notebook: it has no list of cells.");
        }
        for (int i = 0; i < cells.size(); i++) {
            if (!(cells.get(i) instanceof JsonObject cell)
                    || !cell.has("cell_type")
                    || !cell.get("cell_type").isJsonPrimitive()) {
                throw new NotebookException(name + " is not a notebook: cell " + (i + 1) + " has no cell_type.");
            }
        }
    }

    /** The cells in order. */
    public List<Cell> cells() {
        List<Cell> cells = new ArrayList<>();
        json.getAsJsonArray("cells").forEach(cell -> cells.add(new Cell(cell.getAsJsonObject())));
        return cells;
    }

    /** The cells that would be executed, in order: code that is not empty and not tagged {@code skip-execution}. */
    public List<Cell> runnableCells() {
        return cells().stream()
                .filter(cell -> cell.isCode()
                        && !cell.source().isBlank()
                        && !cell.tags().contains(NotebookRunner.SKIP))
                .toList();
    }

    /** The language the notebook says it is written in, or {@code java} when it does not say. */
    public String language() {
        JsonObject metadata = metadata();
        if (metadata.get("kernelspec") instanceof JsonObject spec && spec.has("language")) {
            return spec.get("language").getAsString();
        }
        if (metadata.get("language_info") instanceof JsonObject info && info.has("name")) {
            return info.get("name").getAsString();
        }
        return "java";
    }

    /** The first level-one heading of the notebook's markdown, or the given fallback. */
    public String title(String fallback) {
        return cells().stream()
                .filter(cell -> cell.type().equals("markdown"))
                .flatMap(cell -> cell.source().lines())
                .filter(line -> line.startsWith("# "))
                .map(line -> line.substring(2).strip().replaceAll("[*_`]", ""))
                .findFirst()
                .orElse(fallback);
    }

    /** Writes the notebook under a temporary name and moves it to its place, so that no half file is ever seen. */
    public void write(Path file) throws IOException {
        tidy();
        AtomicFile.write(file, this::writeTo);
    }

    private void writeTo(Writer writer) throws IOException {
        GSON.toJson(json, writer);
        writer.write('\n');
    }

    JsonObject metadata() {
        if (!(json.get("metadata") instanceof JsonObject)) {
            json.add("metadata", new JsonObject());
        }
        return json.getAsJsonObject("metadata");
    }

    /** Says in which language the cells ran, as other runners do: converters highlight by it. */
    void tellLanguage() {
        if (!metadata().has("language_info")) {
            metadata().add("language_info", JavaLanguage.info());
        }
    }

    /** Puts a new code cell at a position, with the id that format 4.5 asks for. */
    Cell insertCode(int position, String source, String tag) {
        JsonObject cell = new JsonObject();
        cell.addProperty("cell_type", "code");
        cell.add("source", MultilineText.split(source));
        cell.add("outputs", new JsonArray());
        JsonObject metadata = new JsonObject();
        JsonArray tags = new JsonArray();
        tags.add(tag);
        metadata.add("tags", tags);
        cell.add("metadata", metadata);
        JsonArray cells = json.getAsJsonArray("cells");
        JsonArray changed = new JsonArray();
        for (int i = 0; i < cells.size(); i++) {
            if (i == position) {
                changed.add(cell);
            }
            changed.add(cells.get(i));
        }
        if (position >= cells.size()) {
            changed.add(cell);
        }
        json.add("cells", changed);
        Cell inserted = new Cell(cell);
        inserted.setExecutionCount(null);
        return inserted;
    }

    void removeCell(int position) {
        json.getAsJsonArray("cells").remove(position);
    }

    /** Fills in what the schema requires and an editor may have left out. */
    private void tidy() {
        JsonObject metadata = metadata();
        if (!json.has("nbformat_minor")) {
            json.addProperty("nbformat_minor", 4);
        }
        if (!metadata.has("kernelspec")) {
            JsonObject spec = new JsonObject();
            spec.addProperty("name", "pomona");
            spec.addProperty("display_name", "Java (Pomona)");
            spec.addProperty("language", "java");
            metadata.add("kernelspec", spec);
        }
        boolean needsIds = json.get("nbformat_minor").getAsInt() >= 5;
        Set<String> ids = new HashSet<>();
        for (Cell cell : cells()) {
            cell.metadata();
            if (cell.isCode() && !cell.json().has("outputs")) {
                cell.setOutputs(new JsonArray());
            }
            if (cell.isCode() && !cell.json().has("execution_count")) {
                cell.setExecutionCount(null);
            }
            if (!needsIds) {
                // Before format 4.5 the schema has no ids, and takes no field that it does not have.
                cell.json().remove("id");
            }
            if (needsIds
                    && (!cell.json().has("id") || !ids.add(cell.json().get("id").getAsString()))) {
                String id = UUID.randomUUID().toString().substring(0, 8);
                cell.json().addProperty("id", id);
                ids.add(id);
            }
        }
    }
}
