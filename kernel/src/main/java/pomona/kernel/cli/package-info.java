/** The command line of the kernel's jar: running notebooks and installing the kernelspec. Started by the launcher. */
package pomona.kernel.cli;
