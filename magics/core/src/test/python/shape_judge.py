"""Says what ONNX's own shape inference finds out about models, for ShapeJudgeTest to compare with.

usage: shape_judge.py OUT.zip [MODEL.onnx...]

OUT.zip gets, for every node case of ONNX's backend tests, NAME.onnx (what outputs and inner values are is taken out) and
NAME.txt: one line for each value, its name, element type and sizes, apart by tabs. For models given it gets NAME.txt.
Node cases come in three forms: as they are; "constant", their integer inputs as weights; and "symbolic", also with
symbols for the sizes of the other inputs.
"""

import sys
import warnings
import zipfile

import onnx
from onnx import TensorProto, numpy_helper, shape_inference

LONGEST_CONSTANT = 64


def strip(graph):
    del graph.value_info[:]
    for output in graph.output:
        output.ClearField("type")


def values(graph):
    for value in list(graph.value_info) + list(graph.output):
        yield value
    for node in graph.node:
        for attribute in node.attribute:
            if attribute.type == onnx.AttributeProto.GRAPH:
                yield from values(attribute.g)


def line(value):
    if not value.type.HasField("tensor_type"):
        return None
    tensor = value.type.tensor_type
    sizes = "-"
    if tensor.HasField("shape"):
        sizes = ",".join(size(d) for d in tensor.shape.dim)
    return f"{value.name}\t{tensor.elem_type}\t{sizes}"


def size(dim):
    if dim.HasField("dim_value"):
        return str(dim.dim_value)
    # Symbols that the inference invents say nothing.
    return dim.dim_param if dim.dim_param and not dim.dim_param.startswith("unk__") else "?"


def is_wrong(value, results):
    """Whether the case's own result has another shape than was inferred: ONNX errs, as it does for STFT."""
    sizes = value.type.tensor_type.shape.dim
    result = results.get(value.name)
    if result is None or not value.type.tensor_type.HasField("shape"):
        return False
    return len(sizes) != result.ndim or any(
        d.HasField("dim_value") and d.dim_value != size for d, size in zip(sizes, result.shape)
    )


def judge(name, model, out, results={}, keep=True):
    try:
        inferred = shape_inference.infer_shapes(model, data_prop=True)
    except Exception:
        return  # it gives up on the model as a whole
    lines = [line(value) for value in values(inferred.graph) if not is_wrong(value, results)]
    lines = [found for found in lines if found]
    if lines:
        if keep:
            out.writestr(name + ".onnx", model.SerializeToString())
        out.writestr(name + ".txt", "\n".join(lines))


def with_constants(model, arrays):
    changed = onnx.ModelProto()
    changed.CopyFrom(model)
    rest = []
    for value, array in zip(model.graph.input, arrays):
        kind = value.type.tensor_type.elem_type if value.type.HasField("tensor_type") else 0
        small = kind in (TensorProto.INT64, TensorProto.INT32) and array.size <= LONGEST_CONSTANT
        if small or (kind == TensorProto.FLOAT and array.size <= 8 and value.name in ("scales", "roi")):
            changed.graph.initializer.append(numpy_helper.from_array(array, value.name))
        else:
            rest.append(value)
    if len(rest) == len(model.graph.input):
        return None
    del changed.graph.input[:]
    changed.graph.input.extend(rest)
    changed.ir_version = max(changed.ir_version, 4)
    return changed


def with_symbols(model):
    changed = onnx.ModelProto()
    changed.CopyFrom(model)
    for value in changed.graph.input:
        if value.type.HasField("tensor_type"):
            for dim in value.type.tensor_type.shape.dim:
                if dim.dim_value > 1:
                    dim.dim_param = f"s{dim.dim_value}"
    return changed


def main():
    out_path, paths = sys.argv[1], sys.argv[2:]
    warnings.simplefilter("ignore")
    with zipfile.ZipFile(out_path, "w") as out:
        if not paths:
            node_cases(out)
        for path in paths:
            model = onnx.load(path)
            strip(model.graph)
            judge(path.split("/")[-1].removesuffix(".onnx"), model, out, keep=False)


def node_cases(out):
    import numpy
    from onnx.backend.test.case.node import collect_testcases

    numpy.seterr(all="ignore")
    for case in collect_testcases(None):
        model = case.model
        strip(model.graph)
        results = dict(zip((o.name for o in model.graph.output), case.data_sets[0][1])) if case.data_sets else {}
        results = {k: v for k, v in results.items() if isinstance(v, numpy.ndarray)}
        judge(case.name, model, out, results)
        arrays = case.data_sets[0][0] if case.data_sets else None
        if arrays and all(isinstance(a, (numpy.ndarray, numpy.generic)) for a in arrays):
            constant = with_constants(model, [numpy.asarray(a) for a in arrays])
            if constant:
                judge(case.name + ".constant", constant, out, results)
            judge(case.name + ".symbolic", with_symbols(constant or model), out, results)


main()
