import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;

/** Tells from a flight recording what the thread that runs cells was doing. Started by {@code cell_profile.py}. */
public final class CellProfile {

    /** What a sample belongs to: the first row whose method is on the stack. */
    private static final Map<String, String> ROWS = new LinkedHashMap<>();

    static {
        ROWS.put("user's code", "SnippetControl.invoke");
        ROWS.put("loading and weaving the snippet's class", "SnippetControl$SnippetLoader");
        ROWS.put("checking the cell's syntax as a whole", "SyntaxCheck.errors");
        ROWS.put("splitting the cell into snippets", "Evaluator.split");
        ROWS.put("resolving imports", "TypeEnter$ImportsPhase");
        ROWS.put("setting up compiler tasks", "JavacTool.getTask");
        ROWS.put("forgetting a task's classes", "Symtab.removeClass");
        ROWS.put("listing packages", "ClassFinder.fillIn");
        ROWS.put("type of an expression", "ExpressionToTypeInfo");
        ROWS.put("trial compilation", "Eval.trialCompile");
        ROWS.put("parsing the snippet", "TaskFactory.parse");
        ROWS.put("attributing the snippet", "TaskFactory.analyze");
        ROWS.put("compiling the snippet", "TaskFactory.compile");
        ROWS.put("the rest of JShell", "JShell.eval");
        ROWS.put("the rest of the kernel", "");
    }

    public static void main(String[] args) throws Exception {
        Map<String, Integer> counts = new LinkedHashMap<>();
        ROWS.keySet().forEach(row -> counts.put(row, 0));
        int all = 0;
        try (RecordingFile file = new RecordingFile(Path.of(args[0]))) {
            while (file.hasMoreEvents()) {
                RecordedEvent event = file.readEvent();
                if (event.getEventType().getName().equals("jdk.ExecutionSample")
                        && event.getStackTrace() != null
                        && event.getThread("sampledThread") != null
                        && "cell".equals(event.getThread("sampledThread").getJavaName())) {
                    all++;
                    counts.merge(rowOf(event), 1, Integer::sum);
                }
            }
        }
        System.out.println("| what | share % |");
        System.out.println("|---|---:|");
        for (Map.Entry<String, Integer> row : counts.entrySet()) {
            System.out.printf("| %s | %.1f |%n", row.getKey(), 100.0 * row.getValue() / Math.max(1, all));
        }
        System.out.println("\n" + all + " samples");
    }

    private static String rowOf(RecordedEvent event) {
        List<String> stack = new ArrayList<>();
        event.getStackTrace().getFrames().forEach(frame -> stack.add(
                frame.getMethod().getType().getName() + "." + frame.getMethod().getName()));
        for (Map.Entry<String, String> row : ROWS.entrySet()) {
            if (stack.stream().anyMatch(method -> method.contains(row.getValue()))) {
                return row.getKey();
            }
        }
        return "the rest of the kernel";
    }
}
