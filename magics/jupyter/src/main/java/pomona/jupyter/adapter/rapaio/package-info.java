/**
 * Pomona in rapaio-jupyter-kernel 2.3, which takes views by an interface for services and has none for magics: start
 * with {@link pomona.jupyter.adapter.rapaio.Pomona}.
 */
package pomona.jupyter.adapter.rapaio;
