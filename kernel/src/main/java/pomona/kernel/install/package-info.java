/**
 * Makes the kernel known to Jupyter without Python: where kernelspecs live on each system, and what one holds. Start with
 * {@link pomona.kernel.install.KernelSpec}.
 */
package pomona.kernel.install;
