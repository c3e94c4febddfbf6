/**
 * Tables and figures of networks and of what was measured of them, as Tablesaw tables and plots; the only room that
 * knows Tablesaw. Start with {@link pomona.report.Report}; the figures' common look is in Look.
 */
package pomona.report;
