#!/usr/bin/env python3
"""Global magnitude pruning of a BERT-base's shapes to 80 % by PyTorch and NumPy; see run.sh.

Each way runs in a process of its own (argument: its name), so that its peak of memory is its own. Each ends with new
arrays of the pruned weights beside the old ones, as Pomona's does; extra memory is what it held beyond those two.
"""
import importlib.util
import subprocess
import sys
import threading
import time

import numpy as np

SHAPES = [(30522, 768), (512, 768), (2, 768), (768, 768)] + 12 * (4 * [(768, 768)] + [(768, 3072), (3072, 768)])
SIZE = sum(a * b for a, b in SHAPES)
K = round(0.8 * SIZE)


def resident():
    with open("/proc/self/status") as status:
        return next(float(line.split()[1]) for line in status if line.startswith("VmRSS")) * 1024e-6


def global_unstructured(weights):
    import torch.nn.utils.prune as prune
    import torch

    layers = []
    for w in weights:
        layer = torch.nn.Linear(1, 1, bias=False)
        layer.weight = torch.nn.Parameter(torch.from_numpy(w))
        layers.append(layer)
    began = time.perf_counter()
    prune.global_unstructured([(layer, "weight") for layer in layers], prune.L1Unstructured, amount=K)
    return time.perf_counter() - began, sum(int((layer.weight == 0).sum()) for layer in layers)


def kthvalue(weights):
    import torch

    tensors = [torch.from_numpy(w) for w in weights]
    began = time.perf_counter()
    border = torch.cat([t.flatten() for t in tensors]).abs_().kthvalue(K).values
    pruned = [t * (t.abs() > border) for t in tensors]
    return time.perf_counter() - began, sum(int((t == 0).sum()) for t in pruned)


def partition(weights):
    began = time.perf_counter()
    magnitudes = np.concatenate([w.ravel() for w in weights])
    np.abs(magnitudes, out=magnitudes)
    magnitudes.partition(K - 1)
    border = magnitudes[K - 1]
    del magnitudes
    pruned = [w * (np.abs(w) > border) for w in weights]
    return time.perf_counter() - began, sum(int((w == 0).sum()) for w in pruned)


def main():
    name = sys.argv[1]
    rng = np.random.default_rng(0)
    weights = [rng.standard_normal(shape, dtype=np.float32) * np.float32(0.02) for shape in SHAPES]
    if name != "partition":
        import torch.nn.utils.prune

    before, most, running = resident(), [0.0], [True]

    def watch():
        while running[0]:
            most[0] = max(most[0], resident())
            time.sleep(0.002)

    thread = threading.Thread(target=watch)
    thread.start()
    seconds, zeros = globals()[name](weights)
    running[0] = False
    thread.join()
    extra = max(0, most[0] - before - 4e-6 * SIZE)
    label = {"partition": f"numpy {np.__version__} partition"}.get(name) or f"torch {sys.modules['torch'].__version__} {name}"
    print(f"{label:46} {seconds:6.3f} s, {extra:5.0f} MB beside weights and result ({100 * extra / (4e-6 * SIZE):.1f} %), "
          f"{zeros} zeros of {K} wanted", flush=True)


if len(sys.argv) > 1:
    main()
else:
    torch_there = importlib.util.find_spec("torch") is not None
    for way in ["partition", "kthvalue", "global_unstructured"] if torch_there else ["partition"]:
        subprocess.run([sys.executable, __file__, way], check=True)
    if not torch_there:
        print("PyTorch is not installed here: kthvalue and global_unstructured were not run", flush=True)
