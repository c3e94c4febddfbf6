package pomona.torchscript;

import java.util.List;
import java.util.Map;

/** The code of TorchScript classes, as far as traced models have it: functions of assignments and calls. */
final class Code {

    private Code() {}

    /** A class by the name it has in its file. */
    record Type(String name, Map<String, Function> functions) {}

    /** A function: what it takes besides the module itself, and its statements. */
    record Function(String name, List<String> parameters, List<Statement> statements) {}

    /** Values given to names; without names, what is returned. */
    record Statement(int line, List<String> targets, boolean returns, Expression value) {}

    /** What has a value. */
    sealed interface Expression {}

    /** A number, text, truth or None. */
    record Literal(Object value) implements Expression {}

    /** A name. */
    record Name(String name) implements Expression {}

    /** An attribute of something. */
    record Attribute(Expression of, String name) implements Expression {}

    /** A list or a tuple. */
    record Items(List<Expression> items) implements Expression {}

    /** One item of something. */
    record Item(Expression of, Expression index) implements Expression {}

    /** A call. */
    record Call(Expression function, List<Expression> arguments, Map<String, Expression> named) implements Expression {}
}
