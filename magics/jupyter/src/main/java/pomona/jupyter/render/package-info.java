/**
 * How values look in a notebook: each {@link pomona.jupyter.render.View} shows one type as HTML and as plain text.
 * Nothing here knows the kernel but {@link pomona.jupyter.render.Renderers}, where to start reading.
 */
package pomona.jupyter.render;
