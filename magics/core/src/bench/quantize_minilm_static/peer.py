#!/usr/bin/env python3
"""ONNX Runtime's own static quantizer on MiniLM-L6, per channel, min-max, on the tokens that FOLDER has: peer.py FOLDER

Once on the file as it is, once after onnx has converted it to operator set 13, which scales along an axis need.
"""
import contextlib
import io
import resource
import sys
import time
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
from onnxruntime.quantization import CalibrationDataReader, CalibrationMethod, QuantFormat, QuantType, quantize_static
from onnxruntime.quantization.shape_inference import quant_pre_process

folder = Path(sys.argv[1])
onnxruntime.set_default_logger_severity(4)
source = folder / "all-minilm-l6-v2.onnx"
rows = int((folder / "records.txt").read_text())
feeds = {
    name: np.fromfile(folder / f"{name}.i64", dtype="<i8").reshape(rows, -1)
    for name in ("input_ids", "attention_mask", "token_type_ids")
}


class Records(CalibrationDataReader):
    """The sentences, one by one, without padding."""

    def __init__(self):
        self.left = iter(range(rows))

    def get_next(self):
        row = next(self.left, None)
        if row is None:
            return None
        length = int(feeds["attention_mask"][row].sum())
        return {name: values[row : row + 1, :length] for name, values in feeds.items()}


def quantize(given, name):
    """Writes the file, and says what came of it."""
    target = folder / f"{name}.onnx"
    target.unlink(missing_ok=True)
    began = time.perf_counter()
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            prepared = folder / f"{name}.prepared"
            quant_pre_process(given, prepared, skip_symbolic_shape=True)
            quantize_static(
                prepared,
                target,
                Records(),
                quant_format=QuantFormat.QDQ,
                per_channel=True,
                activation_type=QuantType.QUInt8,
                weight_type=QuantType.QInt8,
                calibrate_method=CalibrationMethod.MinMax,
            )
        did = f"quantized in {time.perf_counter() - began:.1f} s"
        onnxruntime.InferenceSession(target, providers=["CPUExecutionProvider"])
    except Exception as e:  # What a peer can not do is a result too.
        did = f"stopped: {type(e).__name__}: {str(e).splitlines()[0][:200]}"
        target.unlink(missing_ok=True)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(f"ONNX Runtime {onnxruntime.__version__}, {name}: {did}, peak {peak} MB", flush=True)


quantize(source, "peer")
try:
    converted = folder / "converted.onnx"
    onnx.save(onnx.version_converter.convert_version(onnx.load(source), 13), converted)
    quantize(converted, "peer-opset-13")
except Exception as e:
    print(f"onnx {onnx.__version__}, conversion to operator set 13 stopped: {type(e).__name__}: {str(e)[:200]}")
