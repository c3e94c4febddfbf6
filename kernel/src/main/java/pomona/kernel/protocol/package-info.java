/**
 * The Jupyter protocol over ZeroMQ: one thread owns each socket, and messages for a socket reach its thread by a queue,
 * since a socket must not see the interrupts of a cell's thread. Start reading at {@link KernelServer}.
 */
package pomona.kernel.protocol;
