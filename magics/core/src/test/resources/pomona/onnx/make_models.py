#!/usr/bin/env python3
"""Makes the small ONNX files of the reader's tests, with parts that this library carries but does not model.

usage: make_models.py FOLDER      needs: onnx, numpy
"""
import sys

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper


def rich():
    """Doc strings, metadata, a function, a sub-graph, strings, a sparse initializer, typed data, odd dimensions."""
    weight = helper.make_tensor("w", TensorProto.FLOAT, [4, 2], [float(i) for i in range(8)])
    weight.doc_string = "a weight with a story"
    half = numpy_helper.from_array(np.arange(3, dtype=np.float16) / 3, "half")
    names = helper.make_tensor("names", TensorProto.STRING, [2], [b"cat", b"dog"])
    sparse = helper.make_sparse_tensor(
        helper.make_tensor("sparse", TensorProto.FLOAT, [2], [1.0, 2.0]),
        helper.make_tensor("sparse_indices", TensorProto.INT64, [2], [0, 5]),
        [6],
    )
    yes = helper.make_graph(
        [helper.make_node("Add", ["y", "one"], ["then"])], "yes", [], [helper.make_tensor_value_info("then", 1, None)],
        [helper.make_tensor("one", TensorProto.FLOAT, [], [1.0])],
    )
    no = helper.make_graph(
        [helper.make_node("Identity", ["y"], ["else"])], "no", [], [helper.make_tensor_value_info("else", 1, None)]
    )
    matmul = helper.make_node("MatMul", ["x", "w"], ["y"], name="project", doc_string="x times w")
    leaky = helper.make_node("LeakyRelu", ["z"], ["a"], name="leak", alpha=0.1)
    leaky.attribute[0].doc_string = "the slope"
    twice = helper.make_node("Twice", ["a"], ["out"], domain="pomona.test")
    graph = helper.make_graph(
        [matmul, helper.make_node("If", ["flag"], ["z"], then_branch=yes, else_branch=no), leaky, twice],
        "rich",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["batch", 4]),
         helper.make_tensor_value_info("flag", TensorProto.BOOL, [])],
        [helper.make_tensor_value_info("out", TensorProto.FLOAT, ["batch", 2])],
        [weight, half, names],
        doc_string="everything at once",
        value_info=[helper.make_tensor_value_info("y", TensorProto.FLOAT, ["batch", None])],
        sparse_initializer=[sparse],
    )
    function = helper.make_function(
        "pomona.test", "Twice", ["v"], ["r"], [helper.make_node("Add", ["v", "v"], ["r"])],
        [helper.make_opsetid("", 17)],
    )
    model = helper.make_model(
        graph, opset_imports=[helper.make_opsetid("", 17), helper.make_opsetid("pomona.test", 1)],
        functions=[function], ir_version=8, producer_name="make_models", producer_version="1", doc_string="a model",
    )
    helper.set_model_props(model, {"author": "Pomona's tests", "note": "kept"})
    onnx.checker.check_model(model)
    return model


def external(folder):
    rng = np.random.default_rng(7)
    graph = helper.make_graph(
        [helper.make_node("Gemm", ["x", "w", "b"], ["y"], transB=1)], "external",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["batch", 16])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, ["batch", 8])],
        [numpy_helper.from_array(rng.standard_normal((8, 16)).astype(np.float32), "w"),
         numpy_helper.from_array(rng.standard_normal(8).astype(np.float32), "b")],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.save_model(model, f"{folder}/external.onnx", save_as_external_data=True, location="external.bin",
                    size_threshold=0)
    model = onnx.load(f"{folder}/external.onnx", load_external_data=False)
    for tensor in model.graph.initializer:
        for entry in tensor.external_data:
            if entry.key == "location":
                entry.value = "../external.bin"
    onnx.save_model(model, f"{folder}/escaping.onnx")


def old():
    """IR version 3, as older exporters write it: weights are listed among the inputs."""
    graph = helper.make_graph(
        [helper.make_node("MatMul", ["x", "w"], ["y"])], "old",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, 2]),
         helper.make_tensor_value_info("w", TensorProto.FLOAT, [2, 1])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, [1, 1])],
        [helper.make_tensor("w", TensorProto.FLOAT, [2, 1], [1.0, 2.0])],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 7)], ir_version=3)


if __name__ == "__main__":
    target = sys.argv[1]
    onnx.save_model(rich(), f"{target}/rich.onnx")
    onnx.save_model(old(), f"{target}/old.onnx")
    external(target)
