"""Random arrays for layers: from the engine's generator, or from PyTorch's where x is PyTorch's."""

from __future__ import annotations

from typing import Any

import numpy as np

from mulle.nn.module import as_like
from mulle.nn.randomness import generator
from mulle.nn.tensor import Tensor


def uniform_like(x: Any) -> Any:
    """Draw uniform numbers from 0 to 1, in the shape of x."""
    if type(x).__module__ == "torch":
        import torch

        return torch.rand_like(x)
    return _move_to(x, generator().random(x.shape, dtype=np.float32))


def normal_like(x: Any) -> Any:
    """Draw standard normal numbers, in the shape of x."""
    if type(x).__module__ == "torch":
        import torch

        return torch.randn_like(x)
    return _move_to(x, generator().standard_normal(x.shape, dtype=np.float32))


def _move_to(x: Any, noise: np.ndarray) -> Any:
    """Move noise to the device of x."""
    data = x.data if isinstance(x, Tensor) else x
    return noise if isinstance(data, np.ndarray) else as_like(noise, data)
