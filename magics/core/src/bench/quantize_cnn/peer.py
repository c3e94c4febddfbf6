#!/usr/bin/env python3
"""Quantizes FOLDER/NAME.onnx with ONNX Runtime's quantize_static, and says how long it took: peer.py FOLDER NAME METHOD"""
import contextlib
import io
import resource
import sys
import time
from pathlib import Path

import numpy as np
import onnxruntime
from onnxruntime.quantization import CalibrationDataReader, CalibrationMethod, QuantFormat, QuantType, quantize_static
from onnxruntime.quantization.shape_inference import quant_pre_process

folder, name, method = Path(sys.argv[1]), sys.argv[2], sys.argv[3]
onnxruntime.set_default_logger_severity(4)
shape = (-1, 3, 48, 320) if name.startswith("ppocr") else (-1, 1, 28, 28)
records = np.fromfile(folder / f"{name}.f32", dtype="<f4").reshape(shape)


class Records(CalibrationDataReader):
    """The calibration data, record by record."""

    def __init__(self):
        self.left = iter(records)

    def get_next(self):
        record = next(self.left, None)
        return None if record is None else {"x": record[None]}


target = folder / f"{name}.onnxruntime-{method}.onnx"
began = time.perf_counter()
try:
    with contextlib.redirect_stdout(io.StringIO()):
        prepared = folder / f"{name}.prepared"
        quant_pre_process(folder / f"{name}.onnx", prepared, skip_symbolic_shape=True)
        quantize_static(
            prepared,
            target,
            Records(),
            quant_format=QuantFormat.QDQ,
            per_channel=True,
            activation_type=QuantType.QUInt8,
            weight_type=QuantType.QInt8,
            calibrate_method={"minmax": CalibrationMethod.MinMax, "percentile": CalibrationMethod.Percentile,
                              "entropy": CalibrationMethod.Entropy}[method],
        )
    did = f"quantized in {time.perf_counter() - began:.1f} s"
except Exception as e:  # What a peer can not do is a result too.
    did = f"stopped after {time.perf_counter() - began:.1f} s: {type(e).__name__}: {str(e)[:120]}"
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
print(f"{name:20} ONNX Runtime {onnxruntime.__version__} {method}: {did}, peak {peak} MB")
