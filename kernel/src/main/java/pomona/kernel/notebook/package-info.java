/**
 * Notebooks without Jupyter: reading and writing nbformat 4, running the cells in a {@link
 * pomona.kernel.CellSession}, and exporting one readable HTML page. Start with {@link
 * pomona.kernel.notebook.NotebookRunner}.
 */
package pomona.kernel.notebook;
