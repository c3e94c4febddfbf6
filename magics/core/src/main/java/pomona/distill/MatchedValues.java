package pomona.distill;

import ai.djl.ndarray.NDArray;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import pomona.graph.Network;
import pomona.graph.Node;
import pomona.graph.ShapeInference;
import pomona.graph.Value;
import pomona.pass.NearestNames;
import pomona.simplify.DeadNodeElimination;

/**
 * A teacher and a student cut down to what makes the values that are matched.
 *
 * @param teacher the teacher, with those values as its outputs
 * @param student the student, with those values as its outputs
 * @param maskPlace which input says what places count, or -1
 */
record MatchedValues(Network teacher, Network student, int maskPlace) {

    static final String OUTPUT = "output";
    static final String NONE = "none";

    /**
     * Finds the values.
     *
     * @throws IllegalArgumentException if one of the networks has no value or input of a name; the message has the
     *     nearest names
     */
    static MatchedValues of(String values, String mask, Network teacher, Network student) {
        List<Value> ofTeacher = new ArrayList<>();
        List<Value> ofStudent = new ArrayList<>();
        Map<String, Value> teacherShapes = ShapeInference.of(teacher);
        Map<String, Value> studentShapes = ShapeInference.of(student);
        for (String name : values.split(",")) {
            ofTeacher.add(value(name.strip(), "Teacher", teacher, teacherShapes));
            ofStudent.add(value(name.strip(), "Network", student, studentShapes));
        }
        return new MatchedValues(only(teacher, ofTeacher), only(student, ofStudent), place(mask, student));
    }

    private static Value value(String name, String what, Network network, Map<String, Value> shapes) {
        if (name.equals(OUTPUT)) {
            return network.signature().outputs().get(0);
        }
        List<String> made = network.nodes().stream()
                .map(Node::outputs)
                .flatMap(List::stream)
                .toList();
        if (!made.contains(name)) {
            throw new IllegalArgumentException(
                    what + " " + network.name() + " has no value " + name + NearestNames.suggest(name, made));
        }
        return shapes.get(name);
    }

    /** Without what is of no use for the values, so that it is neither computed nor trained. */
    private static Network only(Network network, List<Value> values) {
        return new DeadNodeElimination()
                .transform(network.toBuilder().outputs(values).build());
    }

    private static int place(String mask, Network student) {
        List<String> inputs =
                student.signature().inputs().stream().map(Value::name).toList();
        if (mask.equals(NONE) || inputs.contains(mask)) {
            return inputs.indexOf(mask);
        }
        throw new IllegalArgumentException("Network " + student.name() + " has no input " + mask + " to use as a mask"
                + NearestNames.suggest(mask, inputs));
    }

    /** Refuses to compare arrays of two shapes. */
    void check(int index, NDArray ofStudent, NDArray ofTeacher) {
        if (!ofStudent.getShape().equals(ofTeacher.getShape())) {
            throw new IllegalArgumentException("Value "
                    + student.signature().outputs().get(index).name() + " is " + ofStudent.getShape() + " in "
                    + student.name() + " but " + ofTeacher.getShape() + " in " + teacher.name()
                    + "; values to match have one shape.");
        }
    }
}
