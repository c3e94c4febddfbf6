/**
 * The line magics. Each one parses its line with a {@link pomona.jupyter.magic.MagicCommand}, finds what names stand
 * for in the {@link pomona.jupyter.magic.Session}, and calls the library as a Java program would. Start with
 * {@link pomona.jupyter.magic.Magics}, which lists them.
 */
package pomona.jupyter.magic;
