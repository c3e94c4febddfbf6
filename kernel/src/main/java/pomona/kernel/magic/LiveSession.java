package pomona.kernel.magic;

import java.nio.file.Path;
import java.util.List;
import org.dflib.jjava.jupyter.kernel.display.DisplayData;

/** What the magics see of the running session. */
public interface LiveSession {

    /** A variable of the session; the type as Java spells it. */
    record Variable(String name, String type, Object value) {}

    /** The variables by name; without those that JShell names itself. */
    List<Variable> variables();

    /** What cells can use: jars and folders, in the order in which they are searched. */
    List<Path> classPath();

    /** Adds a jar or a folder of classes to what the following code, and its completion, can use. */
    void addToClassPath(Path entry);

    /**
     * Runs the text of a cell, magics included; what fails ends the calling cell with that failure.
     *
     * @param title what stands in place of the cell's number in errors
     * @param source the text
     */
    void run(String title, String source);

    /**
     * Compiles code of the running cell as the body of a loop.
     *
     * @param code an expression, or statements
     * @param position where the code begins in the cell, in UTF-16 units
     */
    TimedLoop loop(String code, int position);

    /** Where a cell magic's body begins in the running cell. */
    int bodyPosition(String body);

    /** Forgets everything that cells declared; imports go back to the default ones. */
    void reset();

    /** Every line magic's and cell magic's name with its percent signs. */
    List<String> magics();

    /** What a magic is for, in one line; empty when it does not say. */
    String summary(String magic);

    /** Shows something in the running cell's output. */
    void display(DisplayData data);

    /** Folder and variables of the processes that magics start. */
    ShellSettings shell();

    /** The Maven dependencies that were asked for so far. */
    Dependencies dependencies();
}
