#!/usr/bin/env python3
"""The range that ONNX Runtime's histogram calibrators find on values read from a file.

usage: calibrators.py VALUES percentile PERCENT
       calibrators.py VALUES entropy BINS LEVELS THRESHOLD

VALUES holds little-endian 32-bit floats. For entropy the divergences at the threshold found and at THRESHOLD follow.
"""
import contextlib
import io
import sys

import numpy as np
from onnxruntime.quantization.calibrate import HistogramCollector


def divergence(values, bins, levels, threshold):
    """Kullback-Leibler divergence of the cut histogram to itself in so many levels, in plain NumPy."""
    limit = abs(values).max()
    counts, _ = np.histogram(values, bins, (-limit, limit))
    kept = min(bins // 2, round(threshold / limit * bins / 2))
    first, last = bins // 2 - kept, bins // 2 + kept
    inside = counts[first:last].astype(float)
    seen = inside.copy()
    seen[0] += counts[:first].sum()
    seen[-1] += counts[last:].sum()
    told = np.zeros_like(seen)
    for part in np.array_split(np.arange(len(inside)), levels):
        filled = part[seen[part] > 0]
        told[filled] = inside[part].sum() / max(1, len(filled))
    p, q = np.maximum(seen, 1e-4), np.maximum(told, 1e-4)
    p, q = p / p.sum(), q / q.sum()
    return float((p * np.log(p / q)).sum())


values = np.fromfile(sys.argv[1], dtype="<f4")
entropy = sys.argv[2] == "entropy"
if entropy:
    bins, levels, threshold = int(sys.argv[3]), int(sys.argv[4]), float(sys.argv[5])
    settings = ("entropy", True, bins, levels, 99.99, None)
else:
    settings = ("percentile", False, 8192, 128, float(sys.argv[3]), None)
with contextlib.redirect_stdout(io.StringIO()):
    collector = HistogramCollector(*settings)
    collector.collect({"x": [values]})
    low, high = (float(end) for end in collector.compute_collection_result()["x"][:2])
if entropy:
    print(low, high, divergence(values, bins, levels, high), divergence(values, bins, levels, threshold))
else:
    print(low, high)
