"""Low-rank changes of frozen weights: what LoRA learns beside a layer, and merges in the end."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from mulle.nn.layers.attention import MultiheadAttention
from mulle.nn.layers.dropout import Dropout
from mulle.nn.layers.linear import Linear
from mulle.nn.module import Module, as_like
from mulle.nn.ops import OPS
from mulle.nn.tensor import as_numpy

PROJECTIONS = ("q_proj", "k_proj", "v_proj")  # of attention, in the order of their rows


class LowRank(Module):
    """A linear map through few numbers: y = (alpha / rank) B A x.

    A is drawn, B is 0 at the start, so that nothing changes before training.

    Args:
        in_features: length of the last axis of x.
        out_features: length of the last axis of y.
        rank: rows of A and columns of B.
        alpha: what the product is multiplied by, over the rank.
        dropout: share of the entries of x that are dropped in training, 0 to 1.

    Shapes:
        x (..., in_features) -> y (..., out_features)

    Source: Hu et al. 2021, arXiv:2106.09685, section 4.1.
    """

    def __init__(
        self, in_features: int, out_features: int, rank: int, alpha: float, dropout: float = 0.0
    ) -> None:
        self.rank, self.alpha = rank, alpha
        self.dropout = Dropout(dropout)
        self.lora_A = Linear(in_features, rank, bias=False)
        self.lora_B = Linear(rank, out_features, bias=False)
        self.lora_B.weight.data[...] = 0

    def forward(self, x: Any) -> Any:
        """Compute the output of the layer."""
        y = self.lora_B(self.lora_A(self.dropout(x)))
        return OPS["multiply"](y, self.alpha / self.rank)

    def change(self) -> np.ndarray:
        """Return what it adds to a weight: (out_features, in_features), in float64."""
        a, b = (as_numpy(part.weight).astype(np.float64) for part in (self.lora_A, self.lora_B))
        return (self.alpha / self.rank) * (b @ a)

    def _line(self) -> str:
        return f"{type(self).__name__}(rank={self.rank}, alpha={self.alpha:g})"


class LoraLinear(LowRank):
    """A dense layer that is frozen, and its low-rank change: y = W x + b + (alpha / rank) B A x.

    Args:
        base: the layer; its weights are frozen by `nn.lora`, not here.
        rank: rows of A and columns of B.
        alpha: what the product is multiplied by, over the rank.
        dropout: share of the entries of x that the change does not see in training.

    catalogue  adapt-lora adapt-lora-grad
    """

    def __init__(self, base: Linear, rank: int, alpha: float, dropout: float = 0.0) -> None:
        super().__init__(base.in_features, base.out_features, rank, alpha, dropout)
        self.base = base

    def forward(self, x: Any) -> Any:
        """Compute the output of the layer."""
        return OPS["add"](self.base(x), super().forward(x))

    def merged(self) -> Linear:
        """Return the dense layer with the change in its weight."""
        add_to(self.base.weight, self.change())
        return self.base


class LoraAttention(MultiheadAttention):
    """Attention whose joint projection is frozen, with low-rank changes of its parts.

    Args:
        base: the attention that it takes the place of; the parameters are shared with it.
        ranks: `rank`, `alpha` and `dropout` of each part that is changed, of `q_proj`, `k_proj`
            and `v_proj`; they become modules of these names.

    catalogue  adapt-lora
    """

    def __init__(self, base: MultiheadAttention, ranks: Mapping[str, Mapping[str, Any]]) -> None:
        vars(self).update(vars(base))
        for name in (name for name in PROJECTIONS if name in ranks):
            setattr(self, name, LowRank(self.embed_dim, self.embed_dim, **ranks[name]))

    @property
    def changes(self) -> dict[int, LowRank]:
        """The changes by the place of what they change: 0 for q, 1 for k, 2 for v."""
        found = {i: getattr(self, name, None) for i, name in enumerate(PROJECTIONS)}
        return {i: change for i, change in found.items() if change is not None}

    def _projected(self, x: Any, weight: Any, bias: Any, first: int = 0) -> list[Any]:
        parts = super()._projected(x, weight, bias, first)
        for i, change in self.changes.items():
            if first <= i < first + len(parts):
                (added,) = self._by_heads(change(x), x, 1)
                parts[i - first] = OPS["add"](parts[i - first], added)
        return parts

    def merged(self) -> MultiheadAttention:
        """Return the attention with the changes in the rows of its weight."""
        for i, change in self.changes.items():
            rows = slice(i * self.embed_dim, (i + 1) * self.embed_dim)
            add_to(self.in_proj_weight, change.change(), rows)
        base = object.__new__(MultiheadAttention)
        vars(base).update((name, v) for name, v in vars(self).items() if name not in PROJECTIONS)
        return base


def add_to(weight: Any, change: np.ndarray, rows: slice = slice(None)) -> None:
    """Add a change to rows of a weight, wherever it lives, rounded once."""
    whole = as_numpy(weight)[rows].astype(np.float64) + change
    weight.data[rows] = as_like(whole, weight.data)
