package pomona.jupyter.render;

import pomona.evaluate.Profile;
import pomona.report.Report;

/** Shows a profile as its table. */
final class ProfileView implements View<Profile> {

    private final TableView tables = new TableView();

    @Override
    public String html(Profile profile) {
        return tables.html(Report.profile(profile));
    }

    @Override
    public String text(Profile profile) {
        return tables.text(Report.profile(profile));
    }
}
