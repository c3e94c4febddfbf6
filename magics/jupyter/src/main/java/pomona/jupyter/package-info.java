/** The kernel extension: magics, renderers and the progress display. */
package pomona.jupyter;
