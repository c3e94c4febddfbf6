/**
 * The magics that every session has: class path, shell, timing, variables. Start with {@link
 * pomona.kernel.magic.KernelMagics}, which lists them; each is a picocli command that is made when it is first called.
 */
package pomona.kernel.magic;
