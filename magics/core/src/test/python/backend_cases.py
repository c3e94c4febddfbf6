"""Writes ONNX's own backend test cases as files: backend_cases.py FOLDER.

Each case becomes NAME/model.onnx, and for its n-th data set NAME/data_n.onnx, a graph whose initializers are the
inputs in_0, in_1, ... and the expected outputs out_0, out_1, ... What has no tensor (sequences, optionals, maps) is
named in the metadata instead. The tolerances are metadata too.
"""

import pathlib
import sys
import warnings

import numpy
import onnx
from onnx import helper, numpy_helper
from onnx.backend.test.loader import load_model_tests

warnings.simplefilter("ignore")


def tensor(value, name):
    if isinstance(value, onnx.TensorProto):
        copy = onnx.TensorProto()
        copy.CopyFrom(value)
        copy.name = name
        return copy
    return numpy_helper.from_array(numpy.asarray(value), name) if isinstance(value, (numpy.ndarray, numpy.generic)) else None


def write_data(path, inputs, outputs, case):
    initializers, others = [], []
    for prefix, values in (("in", inputs), ("out", outputs)):
        for i, value in enumerate(values):
            made = tensor(value, f"{prefix}_{i}")
            initializers.append(made) if made is not None else others.append(f"{prefix}_{i}")
    model = helper.make_model(helper.make_graph([], case.name, [], [], initializers))
    helper.set_model_props(model, {"rtol": str(case.rtol), "atol": str(case.atol), "others": ",".join(others)})
    path.write_bytes(model.SerializeToString())


def write_node_cases(folder):
    from onnx.backend.test.case.node import collect_testcases

    for case in collect_testcases(None):
        place = folder / case.name
        place.mkdir(parents=True, exist_ok=True)
        (place / "model.onnx").write_bytes(case.model.SerializeToString())
        for n, (inputs, outputs) in enumerate(case.data_sets):
            write_data(place / f"data_{n}.onnx", inputs, outputs, case)


def stored(path):
    proto = onnx.TensorProto()
    proto.ParseFromString(path.read_bytes())
    return proto


def write_stored_cases(folder, kind):
    """Cases that the package holds as files: models exported by PyTorch."""
    for case in load_model_tests(kind=kind):
        place = folder / case.name
        place.mkdir(parents=True, exist_ok=True)
        source = pathlib.Path(case.model_dir)
        (place / "model.onnx").write_bytes((source / "model.onnx").read_bytes())
        for n, data in enumerate(sorted(source.glob("test_data_set_*"))):
            inputs = [stored(data / f"input_{i}.pb") for i in range(len(list(data.glob("input_*.pb"))))]
            outputs = [stored(data / f"output_{i}.pb") for i in range(len(list(data.glob("output_*.pb"))))]
            write_data(place / f"data_{n}.onnx", inputs, outputs, case)


def main():
    folder = pathlib.Path(sys.argv[1])
    write_node_cases(folder / "node")
    for kind in ("pytorch-operator", "pytorch-converted"):
        write_stored_cases(folder / kind, kind)
    (folder / "version").write_text(onnx.__version__)


if __name__ == "__main__":
    main()
