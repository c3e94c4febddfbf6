#!/usr/bin/env python3
"""The median magnitude of 110 million weights by NumPy, and by PyTorch where it is installed; see run.sh."""
import time

import numpy as np


def measure(name, work):
    seconds = []
    for _ in range(5):
        began = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - began)
    print(f"{'':45}{name} {sorted(seconds)[2]:.3f} s")


weights = [(np.random.default_rng(i).standard_normal(1_000_000, dtype=np.float32) * 0.02) for i in range(110)]
k = 55_000_000
measure(f"numpy {np.__version__} partition", lambda: np.partition(np.abs(np.concatenate(weights)), k - 1)[k - 1])
try:
    import torch
except ImportError:
    pass
else:
    tensors = [torch.from_numpy(w) for w in weights]
    measure(f"torch {torch.__version__} kthvalue", lambda: torch.cat(tensors).abs().kthvalue(k).values.item())
