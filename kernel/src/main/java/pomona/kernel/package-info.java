/** The Jupyter kernel for Java: JShell behind the Jupyter protocol. */
package pomona.kernel;
