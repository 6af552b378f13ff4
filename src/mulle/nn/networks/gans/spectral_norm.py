"""Spectral normalization: a layer whose weight is divided by its largest singular value."""

from __future__ import annotations

from typing import Any

import numpy as np

from mulle.nn.layers import Conv2d, Linear
from mulle.nn.module import Module
from mulle.nn.randomness import generator
from mulle.nn.tensor import Buffer

KINDS = (Linear, Conv2d)


class SpectralNorm(Module):
    """Wrap a layer: compute with weight / sigma, sigma = u' W v, u and v by power iteration.

    While training, each call makes one step of the iteration: v <- W'u / |W'u|, u <- Wv / |Wv|,
    with W seen as a matrix (outputs, rest). Gradients flow through sigma, not through u and v.

    Args:
        layer: dense or convolutional layer.
        begin: number of power iterations made at once.

    Source: Miyato et al. 2018, arXiv:1802.05957, algorithm 1.

    catalogue  gan-tips
    """

    def __init__(self, layer: Module, *, begin: int = 15) -> None:
        self.layer = layer
        rows, columns = self._matrix().shape
        self.u = Buffer(generator().standard_normal(rows, np.float32))
        self.v = Buffer(generator().standard_normal(columns, np.float32))
        for _ in range(begin):
            self._iterate()

    def _matrix(self) -> Any:
        weight = self.layer.weight.data  # type: ignore[attr-defined]
        return weight.reshape(len(weight), -1)

    def _iterate(self) -> None:
        w, u, v = self._matrix(), self.u.data, self.v.data
        v[...] = _unit(w.T @ u)
        u[...] = _unit(w @ v)

    def forward(self, *inputs: Any) -> Any:
        """Compute the output of the network."""
        if self.training:
            self._iterate()
        layer: Any = self.layer
        weight, flat = layer.weight, layer.weight.reshape(len(self.u.data), -1)
        # Copies: the next call moves u and v on, before backward has used them.
        outer = self.u.data.reshape(-1, 1) * self.v.data.reshape(1, -1)
        layer.weight = weight / (flat * outer).sum()
        try:
            return layer(*inputs)
        finally:
            layer.weight = weight


def _unit(x: Any) -> Any:
    return x / ((x * x).sum() ** 0.5 + 1e-12)


def spectral_norm(network: Module) -> Module:
    """Wrap every dense and convolutional layer of a network, in place."""
    for module in list(network.modules()):
        for name, value in list(vars(module).items()):
            if isinstance(value, KINDS):
                setattr(module, name, SpectralNorm(value))
            elif isinstance(value, list):
                value[:] = [SpectralNorm(v) if isinstance(v, KINDS) else v for v in value]
    return network
