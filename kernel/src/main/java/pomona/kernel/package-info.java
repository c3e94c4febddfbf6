/**
 * Java in a notebook: a session that runs cells in this process, and the kernel that serves one to Jupyter. Start reading
 * at {@link pomona.kernel.JavaSession}; {@link pomona.kernel.KernelMain} is the kernel's main class. A cell's way: {@code
 * MagicRewriter} turns it into Java, {@code Evaluator} splits it and gives each snippet to JShell, {@code SnippetControl}
 * loads the classes, woven with interruption checks, and runs them, {@code CellOutput} gathers what comes out.
 */
package pomona.kernel;
