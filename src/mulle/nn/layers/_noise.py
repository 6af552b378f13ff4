"""Random arrays as layers draw them: from the one generator, or PyTorch's where x is PyTorch's."""

from __future__ import annotations

from typing import Any

import numpy as np

from mulle.nn.module import as_like
from mulle.nn.randomness import generator
from mulle.nn.tensor import Tensor


def uniform_like(x: Any) -> Any:
    """Numbers spread evenly over 0..1, of the shape of x."""
    if type(x).__module__ == "torch":
        import torch

        return torch.rand_like(x)
    return _beside(x, generator().random(x.shape, dtype=np.float32))


def normal_like(x: Any) -> Any:
    """Standard normal numbers, of the shape of x."""
    if type(x).__module__ == "torch":
        import torch

        return torch.randn_like(x)
    return _beside(x, generator().standard_normal(x.shape, dtype=np.float32))


def _beside(x: Any, noise: np.ndarray) -> Any:
    """Noise on the device of x."""
    data = x.data if isinstance(x, Tensor) else x
    return noise if isinstance(data, np.ndarray) else as_like(noise, data)
