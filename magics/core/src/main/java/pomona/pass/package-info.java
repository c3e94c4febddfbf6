/**
 * The one interface of every technique, {@link pomona.pass.Pass}; ordered lists of them, Recipe;
 * and how a name and options in text become a pass, PassBinding, which magics and YAML share.
 * Start with Pass.
 */
package pomona.pass;
