"""Devices that a model's arrays live on: NumPy on the CPU, CuPy on a GPU, or PyTorch on either."""

from __future__ import annotations

import importlib
from typing import Any

from mulle.errors import MissingExtra, UnknownName
from mulle.nn.tensor import Buffer, Parameter, as_numpy

DEVICES = ("numpy", "cupy", "torch", "torch:cpu", "torch:cuda", "torch:mps")


def move(value: Any, device: str, *, learned: bool) -> Any:
    """Copy a parameter or buffer to a device.

    Args:
        value: parameter or buffer, of this engine or of PyTorch.
        device: one of `DEVICES`.
        learned: whether it is a parameter; a parameter stays frozen where it was.

    Raises:
        MissingExtra: the library is not installed.
        UnknownName: there is no such device.
    """
    if device not in DEVICES:
        raise UnknownName("device-unknown", "device", device, DEVICES)
    library, _, kind = device.partition(":")
    if library == "torch":
        torch = _library("torch", "torch", "to-torch")
        tensor = torch.tensor(as_numpy(value), device=kind or None)
        return torch.nn.Parameter(tensor, value.requires_grad) if learned else tensor
    data = as_numpy(value).copy()
    if library == "cupy":
        data = _library("cupy", "cuda", "to-cupy").asarray(data)
    if not learned:
        return Buffer(data)
    parameter = Parameter(data)
    parameter.requires_grad = value.requires_grad
    return parameter


def _library(name: str, extra: str, purpose: str) -> Any:
    try:
        return importlib.import_module(name)
    except ImportError as error:
        raise MissingExtra(name, extra, purpose) from error
