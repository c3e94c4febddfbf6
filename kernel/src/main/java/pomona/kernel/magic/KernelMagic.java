package pomona.kernel.magic;

import java.nio.file.Path;
import java.util.List;
import org.dflib.jjava.jupyter.kernel.BaseKernel;
import org.dflib.jjava.jupyter.kernel.magic.CellMagic;
import org.dflib.jjava.jupyter.kernel.magic.LineMagic;
import picocli.CommandLine.Model.CommandSpec;

/** One registered magic. Its command, and picocli with it, are loaded when it is first used. */
public final class KernelMagic implements LineMagic<Object, BaseKernel>, CellMagic<Object, BaseKernel> {

    /** How a magic's line is read. */
    public enum Kind {
        /** Words, as a shell splits them. */
        WORDS,
        /** Options, then Java up to the line's end. */
        JAVA,
        /** Text for a shell, in which braces stand for Java values. */
        SHELL,
        /** Nothing but a mark: what follows runs as if the magic were not there, and its time is told. */
        TIMED
    }

    private final String name;
    private final Kind kind;
    private final String type;
    private final LiveSession session;

    KernelMagic(String name, Kind kind, String type, LiveSession session) {
        this.name = name;
        this.kind = kind;
        this.type = type;
        this.session = session;
    }

    /** The name without percent signs. */
    public String name() {
        return name;
    }

    /** How its line is read. */
    public Kind kind() {
        return kind;
    }

    /** The Java type of its value, or null when it has none. */
    public String type() {
        return type;
    }

    @Override
    public Object eval(BaseKernel kernel, List<String> args) {
        return MagicRunner.runLine(this, session, args);
    }

    @Override
    public Object eval(BaseKernel kernel, List<String> args, String body) {
        return MagicRunner.runCell(this, session, args, body);
    }

    /** What it takes; editors ask for it to complete a line. */
    public CommandSpec commandSpec(List<String> words) {
        return MagicRunner.line(this).getCommandSpec();
    }

    /** The folder that relative paths on its line begin in. */
    public Path folder() {
        return session.shell().folder();
    }

    /** Its help. */
    public String help() {
        return MagicRunner.help(this);
    }
}
