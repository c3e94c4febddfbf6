"""Prints the folder of the Python package onnx, which holds the models of its backend tests."""

import os

import onnx

print(os.path.dirname(onnx.__file__))
