/** Pomona in IJava 1.3: start with {@link pomona.jupyter.adapter.ijava.Pomona}. */
package pomona.jupyter.adapter.ijava;
