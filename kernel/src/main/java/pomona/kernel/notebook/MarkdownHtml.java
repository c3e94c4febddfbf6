package pomona.kernel.notebook;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.commonmark.Extension;
import org.commonmark.ext.gfm.tables.TablesExtension;
import org.commonmark.node.FencedCodeBlock;
import org.commonmark.node.Heading;
import org.commonmark.node.HtmlBlock;
import org.commonmark.node.HtmlInline;
import org.commonmark.node.Image;
import org.commonmark.node.Node;
import org.commonmark.parser.Parser;
import org.commonmark.renderer.NodeRenderer;
import org.commonmark.renderer.html.DefaultUrlSanitizer;
import org.commonmark.renderer.html.HtmlNodeRendererContext;
import org.commonmark.renderer.html.HtmlRenderer;

/**
 * Markdown cells to HTML. Pictures are put into the page; tags that could run a script or change the page around them
 * are shown as text.
 */
final class MarkdownHtml {

    private static final Set<String> HARMLESS = Set.of(("a abbr b blockquote br caption center cite code dd del details"
                    + " div dl dt em figcaption figure h1 h2 h3 h4 h5 h6 hr i img ins kbd li mark ol p pre q s samp small"
                    + " span strong sub summary sup table tbody td tfoot th thead tr u ul var")
            .split(" "));
    private static final Pattern TAG = Pattern.compile("<\\s*/?\\s*([A-Za-z][\\w-]*)([^>]*)>|<[!?]");
    private static final Pattern ACTIVE = Pattern.compile("(?i)\\bon\\w+\\s*=|javascript:|\\bsrcdoc\\b");
    private static final List<Extension> EXTENSIONS = List.of(TablesExtension.create());
    private static final Parser PARSER = Parser.builder().extensions(EXTENSIONS).build();
    private static final Map<String, String> PICTURES = Map.of(
            "png", "image/png",
            "jpg", "image/jpeg",
            "jpeg", "image/jpeg",
            "gif", "image/gif",
            "webp", "image/webp",
            "svg", "image/svg+xml");

    private final Path folder;

    /** Markdown whose relative pictures lie in a folder. */
    MarkdownHtml(Path folder) {
        this.folder = folder;
    }

    String of(Cell cell) {
        JsonObject attachments =
                cell.json().get("attachments") instanceof JsonObject object ? object : new JsonObject();
        return of(cell.source(), attachments);
    }

    String of(String markdown, JsonObject attachments) {
        HtmlRenderer renderer = HtmlRenderer.builder()
                .extensions(EXTENSIONS)
                .sanitizeUrls(true)
                .urlSanitizer(new DefaultUrlSanitizer(List.of("http", "https", "mailto", "data")))
                .attributeProviderFactory(context -> (node, tag, attributes) -> {
                    if (node instanceof Image image && tag.equals("img")) {
                        attributes.put("src", picture(image.getDestination(), attachments));
                    } else if (node instanceof Heading heading) {
                        attributes.put("id", slug(heading));
                    }
                })
                .nodeRendererFactory(RawTags::new)
                .nodeRendererFactory(JavaBlocks::new)
                .build();
        return renderer.render(PARSER.parse(markdown));
    }

    /** The address of a picture: its content where it lies beside the notebook, else as it was written. */
    private String picture(String address, JsonObject attachments) {
        if (address.startsWith("attachment:")) {
            return attachment(attachments.get(address.substring("attachment:".length())), address);
        }
        if (address.matches("[A-Za-z][A-Za-z0-9+.-]*:.*") || address.startsWith("//")) {
            return address;
        }
        String type =
                PICTURES.get(address.substring(address.lastIndexOf('.') + 1).toLowerCase());
        try {
            Path file = folder.resolve(address);
            return type != null && Files.isReadable(file) ? data(type, Files.readAllBytes(file)) : address;
        } catch (InvalidPathException | IOException e) {
            return address;
        }
    }

    private static String attachment(JsonElement bundle, String address) {
        if (bundle instanceof JsonObject object) {
            for (Map.Entry<String, JsonElement> entry : object.entrySet()) {
                return "data:" + entry.getKey() + ";base64,"
                        + MultilineText.join(entry.getValue()).strip();
            }
        }
        return address;
    }

    private static String data(String type, byte[] bytes) {
        return "data:" + type + ";base64," + Base64.getEncoder().encodeToString(bytes);
    }

    private static String slug(Heading heading) {
        StringBuilder text = new StringBuilder();
        heading.accept(new org.commonmark.node.AbstractVisitor() {
            @Override
            public void visit(org.commonmark.node.Text part) {
                text.append(part.getLiteral());
            }

            @Override
            public void visit(org.commonmark.node.Code part) {
                text.append(part.getLiteral());
            }
        });
        // As Jupyter does it, so that links within a notebook work in both.
        return text.toString().replace(' ', '-');
    }

    static boolean harmless(String tags) {
        Matcher tag = TAG.matcher(tags);
        while (tag.find()) {
            String name = tag.group(1);
            if (name == null
                    || !HARMLESS.contains(name.toLowerCase())
                    || ACTIVE.matcher(tag.group(2)).find()) {
                return false;
            }
        }
        return true;
    }

    /** Raw HTML: kept when harmless, else shown as text. */
    private record RawTags(HtmlNodeRendererContext context) implements NodeRenderer {
        @Override
        public Set<Class<? extends Node>> getNodeTypes() {
            return Set.of(HtmlBlock.class, HtmlInline.class);
        }

        @Override
        public void render(Node node) {
            String raw = node instanceof HtmlBlock block ? block.getLiteral() : ((HtmlInline) node).getLiteral();
            if (raw.strip().startsWith("<!--") && raw.strip().endsWith("-->")) {
                return;
            }
            if (harmless(raw)) {
                context.getWriter().raw(raw);
            } else {
                context.getWriter().text(raw);
            }
        }
    }

    /** Fenced code: Java is coloured as in code cells. */
    private record JavaBlocks(HtmlNodeRendererContext context) implements NodeRenderer {
        @Override
        public Set<Class<? extends Node>> getNodeTypes() {
            return Set.of(FencedCodeBlock.class);
        }

        @Override
        public void render(Node node) {
            FencedCodeBlock block = (FencedCodeBlock) node;
            boolean java = block.getInfo() != null && block.getInfo().startsWith("java");
            String code = java ? JavaHtml.of(block.getLiteral()) : Html.escape(block.getLiteral());
            context.getWriter().raw("<pre class=\"code\"><code>" + code + "</code></pre>\n");
        }
    }
}
