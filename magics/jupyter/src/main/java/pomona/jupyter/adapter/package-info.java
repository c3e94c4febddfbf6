/**
 * Pomona in other Java kernels, one package each. JJava needs none: it finds {@link pomona.jupyter.PomonaExtension} by
 * itself. Each package touches its own kernel's classes only, so that any of them works where the other kernels are not.
 */
package pomona.jupyter.adapter;
