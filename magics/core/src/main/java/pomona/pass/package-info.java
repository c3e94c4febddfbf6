/**
 * The one interface of every technique, {@link pomona.pass.Pass}; ordered lists of them, {@link pomona.pass.Recipe};
 * and how a name and options in text become a pass, {@link pomona.pass.PassBinding}, which magics and YAML share.
 * Start with Pass.
 */
package pomona.pass;
