package pomona.quantize;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import pomona.evaluate.MeasuredRecords;
import pomona.evaluate.PaddingMask;
import pomona.graph.LayerWeight;
import pomona.graph.Network;
import pomona.graph.Value;
import pomona.simplify.BatchNormFolding;
import pomona.simplify.ConstantFolding;
import pomona.simplify.DeadNodeElimination;
import pomona.simplify.IdentityFolding;
import pomona.simplify.OpsetUpgrade;

/** Quantizes one network statically: measures, chooses layers, and writes; one quantization, one use. */
final class StaticQuantizer {

    /** Outputs with more noise than this, relative to their power, hardly tell what was meant: 10 dB. */
    private static final double MOST_NOISE = 0.1;

    private final StaticQuantization pass;
    private final Network network;
    private final MeasuredRecords records;
    private final Function<Network, Function<Network, SlowerLayerSearch.Runner>> opener;
    private Network floats;
    private StaticLayers layers;
    private Set<String> wide;
    private Map<String, MeasuredRanges> ranges;
    private SparedLayers spared = SparedLayers.NONE;
    private LayerSearch search = LayerSearch.NONE;
    private Network quantized;

    StaticQuantizer(StaticQuantization pass, Network network) {
        this(pass, network, floats -> SlowerLayerSearch.opener(floats, pass.data()));
    }

    /** @param opener gives what loads networks to be timed, for the network of floats that they are made of */
    StaticQuantizer(
            StaticQuantization pass,
            Network network,
            Function<Network, Function<Network, SlowerLayerSearch.Runner>> opener) {
        this.pass = pass;
        this.network = network;
        this.records =
                new MeasuredRecords(pass.data(), pass.samples(), pass.ranges().mask());
        this.opener = opener;
    }

    /** The layers that measurement left in float, or gave 16 bits; none before the network was quantized. */
    SparedLayers spared() {
        return spared;
    }

    /** The layers that can not be quantized, each with the reason; none before the network was quantized. */
    List<String> leftFloat() {
        return layers.leftFloat();
    }

    /**
     * The layers in branches and loops, where refinement does not look, and the batches of matrices whose rounding was to be
     * learned; none when nothing was to be refined.
     */
    List<String> unrefined() {
        if (pass.refinement().equals(Refinement.NONE)) {
            return List.of();
        }
        List<String> unrefined = new ArrayList<>();
        if (pass.refinement().rounding() == Rounding.ADAPTIVE) {
            unrefined.addAll(AdaptiveRounding.batches(layers.outermost()));
        }
        layers.inside().forEach(layer -> unrefined.add(layer.layer()));
        return unrefined;
    }

    /** What decided about them. */
    LayerSearch search() {
        return search;
    }

    Network quantized() {
        Quantizable.check(network, "static quantization");
        PaddingMask.check(records.mask(), network);
        Network plain = plain();
        StaticLayers before = pass.choice().of(plain);
        wide = namedForSixteenBits(before.layers());
        pass.choice().keepFloat().refuseAll(network, before.layers().size());
        Refinement refinement = before.outermost().isEmpty() ? Refinement.NONE : pass.refinement();
        refinement.refuseUncorrectable(plain, before.outermost());
        Network scaled = refinement.scaled(plain, records, patternOutside(before));
        floats = refinement.rounded(
                scaled,
                pass.choice().of(scaled).outermost(),
                records,
                pass.perChannel(),
                pass.reducedRange().largest());
        layers = pass.choice().of(floats);
        Network first = written();
        if (pass.choice().sixteenBits().isMeasured() && spared.sensitive().isEmpty()) {
            // The operator set that 16 bits need was for nothing.
            LayerChoice bytes = pass.choice().with(SixteenBitLayers.NONE);
            quantized = new StaticQuantizer(pass.with(bytes), network).quantized();
            return quantized;
        }
        quantized = refinement.corrected(scaled, first, records);
        return quantized;
    }

    /** What to try when the outputs are far from those of floats; runs both networks on a few records. */
    Optional<String> caution() {
        Optional<String> constant = network.signature().inputs().stream()
                .map(Value::name)
                .filter(input -> ranges.containsKey("") && ranges.get("").isConstant(input))
                .findFirst();
        if (constant.isPresent()) {
            return Optional.of(
                    "input " + constant.get() + " is the same number everywhere in the calibration data, so that"
                            + " ranges fit no other; give records like those the network will see");
        }
        double noise = new OutputNoise(network, records.head(FloatLayerSearch.MOST_RECORDS)).of(quantized);
        if (!(noise > MOST_NOISE)) {
            return Optional.empty();
        }
        List<String> ways = new ArrayList<>(List.of("another --calibration"));
        if (pass.refinement().smooth() == 0) {
            ways.add("--smooth 0.5");
        }
        if (pass.choice().keepFloat().isNone()) {
            ways.add("--keep-float auto");
        }
        String last = ways.remove(ways.size() - 1);
        return Optional.of(String.format(
                Locale.ROOT,
                "the outputs' signal-to-noise ratio is only %.1f dB on the first records; try %s%s%s",
                SignalToNoise.decibels(1, noise),
                String.join(", ", ways),
                ways.isEmpty() ? "" : " or ",
                last));
    }

    /** The pattern of layers, without those in branches and bodies, which refinement does not know. */
    private String patternOutside(StaticLayers before) {
        return before.inside().isEmpty()
                ? pass.choice().layers()
                : before.outermost().stream().map(LayerWeight::layer).collect(Collectors.joining(", "));
    }

    /** The network in an operator set that has what is needed, with constants in one place and normalizations folded. */
    private Network plain() {
        ActivationType activations = pass.ranges().activations();
        ActivationType widest = pass.choice().sixteenBits().isAny() ? activations.wide() : activations;
        long needed = Math.max(widest.opset(), pass.perChannel() ? 13 : 10);
        long opset = needed == 10 ? 13 : needed;
        Network upgraded = network.opset() < needed ? new OpsetUpgrade(opset).transform(network) : network;
        Network constant = new IdentityFolding().transform(new ConstantFolding().transform(upgraded));
        return new BatchNormFolding().transform(constant);
    }

    private Network written() {
        LayerChoice choice = pass.choice();
        KeptLayers kept =
                choice.sixteenBits().isMeasured() ? choice.sixteenBits().count() : choice.keepFloat();
        boolean whole = kept.isNone() && !choice.sixteenBits().isAny();
        Map<String, Set<String>> values = new LinkedHashMap<>();
        layers.plans(layers.layers())
                .forEach((path, plan) -> values.put(path, whole ? plan.measured() : plan.measuredForFewer()));
        ranges = new Calibrator(floats, pass.ranges()).run(values, pass.data(), pass.samples());
        layers = layers.seen(floats, ranges);
        List<LayerWeight> candidates = layers.layers();
        choice.keepFloat().refuseAll(network, candidates.size());
        Function<List<LayerWeight>, Network> write = writer(candidates);
        String fate = choice.sixteenBits().isMeasured() ? "given 16 bits" : "left in float";
        FloatLayerSearch.Found sensitive =
                new FloatLayerSearch(floats, write, records, fate).quantized(candidates, kept);
        List<LayerWeight> exact = sensitive.quantized();
        FloatLayerSearch.Found slower = kept.slower()
                ? new SlowerLayerSearch(floats, write, opener.apply(floats)).quantized(exact)
                : new FloatLayerSearch.Found(exact, LayerSearch.NONE);
        List<LayerWeight> chosen = slower.quantized();
        search = sensitive.search().and(slower.search());
        spared = new SparedLayers(layers(without(candidates, exact)), layers(without(exact, chosen)));
        return write.apply(chosen);
    }

    private static List<String> layers(List<LayerWeight> weights) {
        return weights.stream().map(LayerWeight::layer).toList();
    }

    /** The names of the layers whose activations get 16 bits, where they are told by name. */
    private Set<String> namedForSixteenBits(List<LayerWeight> candidates) {
        SixteenBitLayers sixteen = pass.choice().sixteenBits();
        boolean named = sixteen.isAny() && !sixteen.isMeasured();
        return named ? Set.copyOf(layers(sixteen.pattern().select(network.name(), candidates))) : Set.of();
    }

    /** Makes the network in which some of the candidates have 8 bits, but for those that are named for 16. */
    private Function<List<LayerWeight>, Network> writer(List<LayerWeight> candidates) {
        if (pass.choice().sixteenBits().isMeasured()) {
            return narrow -> written(narrow, without(candidates, narrow));
        }
        List<LayerWeight> named = candidates.stream()
                .filter(layer -> wide.contains(layer.layer()))
                .toList();
        return chosen -> {
            List<LayerWeight> narrow = without(chosen, named);
            return written(narrow, without(chosen, narrow));
        };
    }

    private Network written(List<LayerWeight> narrow, List<LayerWeight> wide) {
        ActivationType type = pass.ranges().activations();
        Map<String, List<QdqPart>> parts = new LinkedHashMap<>();
        addParts(narrow, type, parts);
        addParts(wide, type.wide(), parts);
        Network written = new QdqGraphs(
                        layers.graphs(),
                        parts,
                        pass.perChannel(),
                        pass.reducedRange().largest())
                .rewrite();
        return FusionGuard.of(new DeadNodeElimination().transform(written));
    }

    private void addParts(List<LayerWeight> chosen, ActivationType type, Map<String, List<QdqPart>> parts) {
        layers.plans(chosen).forEach((path, plan) -> parts.computeIfAbsent(path, p -> new ArrayList<>())
                .add(new QdqPart(plan, ranges.get(path).of(plan.measured(), type))));
    }

    private static List<LayerWeight> without(List<LayerWeight> layers, List<LayerWeight> taken) {
        Set<LayerWeight> left = new HashSet<>(taken);
        return layers.stream().filter(layer -> !left.contains(layer)).toList();
    }
}
