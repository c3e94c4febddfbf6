"""ONNX Runtime's own dynamic quantizer on a file: seconds of the call, and the most memory the process held."""
import os
import sys
import time

start = time.time()
from onnxruntime.quantization import QuantType, quantize_dynamic  # noqa: E402

imported = time.time()
try:
    quantize_dynamic(sys.argv[1], sys.argv[2], per_channel=True, weight_type=QuantType.QInt8)
    print(f"  call: {time.time() - imported:.2f} s (imports {imported - start:.2f} s)")
    print(f"  {os.path.getsize(sys.argv[1]) / 1e6:.2f} -> {os.path.getsize(sys.argv[2]) / 1e6:.2f} MB")
except Exception as e:  # what a user sees
    print(f"  refused: {type(e).__name__}: {str(e).splitlines()[0][:200]}")
for line in open("/proc/self/status"):
    if line.startswith(("VmHWM", "RssAnon")):
        print("  " + " ".join(line.split()))
