package pomona;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** Keeps the arrows between the rooms as the design draws them. */
@AnalyzeClasses(packages = "pomona", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {

    @ArchTest
    static final ArchRule graphKnowsOnlyTheJdk = classes()
            .that()
            .resideInAPackage("pomona.graph")
            .should()
            .onlyDependOnClassesThat(resideInAnyPackage("java..", "pomona.graph"));

    @ArchTest
    static final ArchRule onlyOnnxSeesProtobuf = noClasses()
            .that()
            .resideOutsideOfPackage("pomona.onnx")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("com.google.protobuf..", "ai.onnx.proto..", "onnx..");

    @ArchTest
    static final ArchRule onlyDjlSeesEngines = noClasses()
            .that()
            .resideOutsideOfPackage("pomona.djl")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("ai.djl.pytorch..", "ai.djl.onnxruntime..", "ai.onnxruntime..");

    @ArchTest
    static final ArchRule onlyReportSeesTablesaw = noClasses()
            .that()
            .resideOutsideOfPackage("pomona.report")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("tech.tablesaw..");

    @ArchTest
    static final ArchRule nothingKnowsJupyter = noClasses()
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("org.dflib..", "pomona.jupyter..", "pomona.kernel..");

    @ArchTest
    static final ArchRule onnx = room("pomona.onnx", "pomona.graph");

    @ArchTest
    static final ArchRule safetensors = room("pomona.safetensors", "pomona.graph");

    @ArchTest
    static final ArchRule torchscript = room("pomona.torchscript", "pomona.graph");

    @ArchTest
    static final ArchRule pass = room("pomona.pass", "pomona.graph");

    @ArchTest
    static final ArchRule simplify = room("pomona.simplify", "pomona.graph", "pomona.pass");

    @ArchTest
    static final ArchRule structure = room("pomona.structure", "pomona.graph", "pomona.pass", "pomona.simplify");

    @ArchTest
    static final ArchRule djl = room("pomona.djl", "pomona.graph", "pomona.onnx", "pomona.pass");

    @ArchTest
    static final ArchRule train = room("pomona.train", "pomona.graph", "pomona.onnx", "pomona.pass", "pomona.djl");

    @ArchTest
    static final ArchRule evaluate =
            room("pomona.evaluate", "pomona.graph", "pomona.onnx", "pomona.pass", "pomona.djl");

    @ArchTest
    static final ArchRule calibrate =
            room("pomona.calibrate", "pomona.graph", "pomona.onnx", "pomona.pass", "pomona.djl", "pomona.evaluate");

    @ArchTest
    static final ArchRule prune = technique("pomona.prune");

    @ArchTest
    static final ArchRule quantize = technique("pomona.quantize");

    @ArchTest
    static final ArchRule distill = technique("pomona.distill");

    @ArchTest
    static final ArchRule fuse = technique("pomona.fuse");

    @ArchTest
    static final ArchRule noCircles = slices().matching("pomona.(*)..").should().beFreeOfCycles();

    /** What a room may import from the others, besides itself. */
    private static ArchRule room(String room, String... allowed) {
        String[] all = java.util.Arrays.copyOf(allowed, allowed.length + 1);
        all[allowed.length] = room;
        return noClasses()
                .that()
                .resideInAPackage(room)
                .should()
                .dependOnClassesThat(resideInAPackage("pomona..").and(not(resideInAnyPackage(all))))
                .allowEmptyShould(true);
    }

    private static ArchRule technique(String room) {
        return room(
                room,
                "pomona.graph",
                "pomona.onnx",
                "pomona.pass",
                "pomona.simplify",
                "pomona.structure",
                "pomona.djl",
                "pomona.train",
                "pomona.evaluate",
                "pomona.calibrate");
    }
}
