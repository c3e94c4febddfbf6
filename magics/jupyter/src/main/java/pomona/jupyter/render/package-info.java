/**
 * How values look in a notebook: each {@link pomona.jupyter.render.View} shows one type as HTML and as plain text.
 * Nothing here knows a kernel. Start with {@link pomona.jupyter.render.Views}, which lists them.
 */
package pomona.jupyter.render;
