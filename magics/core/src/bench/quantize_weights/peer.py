"""ONNX Runtime's own n-bit quantizer on a file, 4 bits in blocks of 32: seconds, memory, bytes, and whether the file loads.

usage: peer.py FLOATS RESULT nearest | nearest-matmul | hqq-matmul | gptq-matmul [RECORDS]

`nearest` rounds the weights of MatMul and the tables of Gather, the others those of MatMul alone, since HQQ and GPTQ take
no tables here; RECORDS has the tokens of one record a line.
"""
import contextlib
import os
import sys
import time

start = time.time()
import numpy as np  # noqa: E402
import onnx  # noqa: E402
import onnxruntime  # noqa: E402
from onnxruntime.quantization import CalibrationDataReader  # noqa: E402
from onnxruntime.quantization import matmul_nbits_quantizer as nbits  # noqa: E402

BLOCK = 32


class Records(CalibrationDataReader):
    """One record a line, without padding."""

    def __init__(self, file):
        with open(file) as lines:
            self.records = [np.array([line.split()], dtype=np.int64) for line in lines]
        self.at = 0

    def get_next(self):
        if self.at == len(self.records):
            return None
        ids = self.records[self.at]
        self.at += 1
        return dict(input_ids=ids, attention_mask=np.ones_like(ids), token_type_ids=np.zeros_like(ids))

    def __iter__(self):
        self.at = 0
        return iter(self.get_next, None)


def configuration(method, records):
    if method == "nearest":
        return nbits.DefaultWeightOnlyQuantConfig(
            block_size=BLOCK, is_symmetric=True, op_types_to_quantize=("MatMul", "Gather"),
            quant_axes=(("MatMul", 0), ("Gather", 1)))
    if method == "nearest-matmul":
        return nbits.DefaultWeightOnlyQuantConfig(block_size=BLOCK, is_symmetric=True)
    if method == "hqq-matmul":
        return nbits.HQQWeightOnlyQuantConfig(block_size=BLOCK, bits=4)
    return nbits.GPTQWeightOnlyQuantConfig(calibration_data_reader=Records(records), block_size=BLOCK)


def resident():
    with open("/proc/self/status") as lines:
        return next(int(line.split()[1]) // 1024 for line in lines if line.startswith("VmHWM"))


def first_line(error):
    # Behind the code and the path of the file.
    return f"{type(error).__name__}: {str(error).splitlines()[0].split(' failed:')[-1][:160]}"


def main(floats, result, method, records=None):
    name = os.path.basename(result).removesuffix(".onnx")
    imported = time.time()
    try:
        # GPTQ draws a bar of its progress there.
        with contextlib.redirect_stdout(sys.stderr):
            quantizer = nbits.MatMulNBitsQuantizer(
                onnx.load(floats), block_size=BLOCK, is_symmetric=method.startswith("nearest"),
                algo_config=configuration(method, records))
            quantizer.process()
            quantizer.model.save_model_to_file(result)
    except Exception as error:  # what a user sees
        print(f"{name:28} refused: {first_line(error)}")
        return
    seconds = time.time() - imported
    print(f"{name:28} made in {seconds:5.1f} s, {resident():5d} MB resident at most, {os.path.getsize(result)} bytes")
    set_of = next(o.version for o in onnx.load(result).opset_import if o.domain in ("", "ai.onnx"))
    try:
        onnxruntime.InferenceSession(result, providers=["CPUExecutionProvider"])
        loads = "loads"
    except Exception as error:  # what a user sees
        loads = f"does not load: {first_line(error)}"
    print(f"{'':28} operator set {set_of}, onnxruntime {onnxruntime.__version__}: {loads}")


main(*sys.argv[1:])
