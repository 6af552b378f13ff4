"""A model in the layout of another tool, or as a small program that runs it elsewhere."""

from mulle.bundle.exports.android import export_android
from mulle.bundle.exports.c import export_c
from mulle.bundle.exports.docker import export_docker
from mulle.bundle.exports.mlflow import export_mlflow
from mulle.bundle.exports.onnx import export_onnx
from mulle.bundle.exports.web import export_web

__all__ = [
    "export_android",
    "export_c",
    "export_docker",
    "export_mlflow",
    "export_onnx",
    "export_web",
]
