package pomona.kernel;

/**
 * Where a text ends within a magic.
 *
 * @param line whether it is a line magic
 * @param nameStart where the magic's name begins, in UTF-16 units
 * @param inBody whether the end is in the lines below a cell magic, and these are not Java
 */
record MagicPlace(boolean line, int nameStart, boolean inBody) {}
