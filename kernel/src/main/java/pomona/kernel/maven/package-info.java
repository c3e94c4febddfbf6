/**
 * Resolves Maven dependencies with Maven's own resolver. This package alone sees it, and both are loaded apart from the
 * session; see {@code pomona.kernel.magic.ResolverLoader}.
 */
package pomona.kernel.maven;
