#!/usr/bin/env python3
"""Writes a safetensors file of every type, or says what such a file holds; with the reference implementation.

usage: safetensors_files.py write FILE
       safetensors_files.py read FILE...      needs: safetensors, numpy, ml_dtypes
"""
import hashlib
import json
import sys

import ml_dtypes
import numpy as np
import safetensors
from safetensors.numpy import save_file

WIDTHS = {"bool": 1, "uint8": 1, "int8": 1, "float8_e4m3fn": 1, "float8_e5m2": 1, "int16": 2, "uint16": 2,
          "float16": 2, "bfloat16": 2, "int32": 4, "uint32": 4, "float32": 4, "float64": 8, "int64": 8, "uint64": 8}


def write(path):
    tensors = {}
    for number, (dtype, width) in enumerate(WIDTHS.items()):
        data = bytes((17 * i + number) % 251 for i in range(6 * width))
        if dtype == "bool":
            data = bytes(i % 2 for i in range(6))
        kind = np.dtype(getattr(ml_dtypes, dtype) if hasattr(ml_dtypes, dtype) else dtype)
        tensors["a " + dtype] = np.frombuffer(data, kind).reshape(2, 3)
    tensors["scalar"] = np.array(1.5, np.float32)
    tensors["nothing"] = np.zeros((0, 4), np.int64)
    save_file(tensors, path, {"format": "np", "author": "Zoë"})


def read(path):
    with open(path, "rb") as file:
        content = file.read()
    told = {}
    for name, tensor in safetensors.deserialize(content):
        told[name] = [tensor["dtype"], tensor["shape"], hashlib.sha256(bytes(tensor["data"])).hexdigest()]
    return told


if sys.argv[1] == "write":
    write(sys.argv[2])
all_told = {}
for name in sys.argv[2:]:
    all_told.update(read(name))
print(json.dumps(all_told))
