package pomona.jupyter.render;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Base64;
import java.util.zip.Deflater;
import java.util.zip.GZIPOutputStream;

/** The plotting library, packed into a script element that a browser does not run but {@code figure.js} inflates. */
final class PlotlyLibrary {

    /** The element; every figure carries the same one, so that a page may keep the first and drop the others. */
    static final String SCRIPT = "<script type=\"text/plain\" data-pomona-library=\"plotly\">" + packed() + "</script>";

    private PlotlyLibrary() {}

    private static String packed() {
        byte[] library = Html.resourceBytes("/pomona/jupyter/plotly/plotly-cartesian.min.js");
        ByteArrayOutputStream packed = new ByteArrayOutputStream(library.length / 2);
        try (GZIPOutputStream gzip = new BestGzip(packed)) {
            gzip.write(library);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return Base64.getEncoder().encodeToString(packed.toByteArray());
    }

    private static final class BestGzip extends GZIPOutputStream {
        BestGzip(ByteArrayOutputStream out) throws IOException {
            super(out);
            def.setLevel(Deflater.BEST_COMPRESSION);
        }
    }
}
