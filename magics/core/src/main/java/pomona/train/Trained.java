package pomona.train;

import pomona.graph.Network;

/**
 * What a training run gives.
 *
 * @param network the network with its new weights
 * @param history the losses on the way
 */
public record Trained(Network network, LossHistory history) {}
