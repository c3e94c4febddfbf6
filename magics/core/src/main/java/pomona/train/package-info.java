/**
 * Training of networks: the loop that fine-tuning and distillation share, its settings, and what it tells while it
 * runs.
 */
package pomona.train;
