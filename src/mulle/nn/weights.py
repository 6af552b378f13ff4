"""Weights on disk as safetensors: data without code, compatible with PyTorch's reader."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from mulle.errors import DataError, MissingFile
from mulle.files import write_bytes

if TYPE_CHECKING:
    from mulle.nn.module import Module


def save(model: Module, path: str | Path) -> None:
    """Write a model's parameters and buffers, under PyTorch's names.

    Args:
        model: model in NumPy, CuPy or PyTorch.
        path: file to write, usually `.safetensors`; `safetensors.torch.load_file` reads it.

    Raises:
        RunError: the disk is full, or the folder cannot be written to.
    """
    from safetensors.numpy import save as as_bytes

    state = {name: np.asarray(a, order="C") for name, a in model.state_dict().items()}
    write_bytes(Path(path), as_bytes(state, {"format": "pt"}))


def load(model: Module, path: str | Path) -> Module:
    """Load the parameters and buffers of a file, also of one that PyTorch wrote.

    Raises:
        MissingFile: the file does not exist.
        DataError: the file is damaged, or belongs to another model; the model is unchanged.
    """
    arrays, _ = read(Path(path))
    try:
        return model.load_state_dict(arrays)
    except DataError as error:
        error.place = str(path)
        raise


def read(path: Path) -> tuple[dict[str, np.ndarray], dict[str, str]]:
    """Read the arrays of a safetensors file, and the metadata in its header.

    Raises:
        MissingFile: the file does not exist.
        DataError: the file is damaged.
    """
    from safetensors import SafetensorError, safe_open

    if not path.is_file():
        raise MissingFile("weights-missing", where=str(path.parent), name=path.name)
    try:
        with safe_open(path, "np") as file:
            return {key: file.get_tensor(key) for key in file.keys()}, file.metadata() or {}  # noqa: SIM118
    except (SafetensorError, TypeError) as error:
        raise DataError("weights-damaged", where=str(path), name=path.name, error=error) from error
