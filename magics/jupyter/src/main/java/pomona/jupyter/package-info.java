/**
 * Pomona in a Java kernel: magics, views, progress display and imports, brought in by {@link pomona.jupyter.Installation}
 * through what an adapter tells of its kernel, a {@link pomona.jupyter.HostKernel}. Start with {@link
 * pomona.jupyter.PomonaExtension}, the adapter to JJava and to Pomona's own kernel; those to other kernels are beneath
 * {@code pomona.jupyter.adapter}.
 */
package pomona.jupyter;
