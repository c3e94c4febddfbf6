#!/usr/bin/env python3
"""Writes every model of ONNX's own backend tests into a folder: those that the package makes and those it carries.

usage: backend_models.py FOLDER      needs: onnx
"""
import pathlib
import shutil
import sys
import warnings

import onnx
from onnx.backend.test.case.node import collect_testcases

warnings.simplefilter("ignore")
folder = pathlib.Path(sys.argv[1])
for case in collect_testcases(None):
    (folder / f"{case.name}.onnx").write_bytes(case.model.SerializeToString())
data = pathlib.Path(onnx.__file__).parent / "backend" / "test" / "data"
for path in data.rglob("*.onnx"):
    shutil.copy(path, folder / ("-".join(path.relative_to(data).parts[:-1]) + "-" + path.name))
