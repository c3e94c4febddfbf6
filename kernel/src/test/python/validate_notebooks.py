"""Validates every executed notebook of a folder against the schema of its format."""

import pathlib
import sys

import nbformat

for path in sorted(pathlib.Path(sys.argv[1]).glob("*.executed.ipynb")):
    notebook = nbformat.read(path, as_version=nbformat.NO_CONVERT)
    nbformat.validate(notebook)
    print(path.name, "is valid")
