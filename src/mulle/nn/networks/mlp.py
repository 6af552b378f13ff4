"""Multi-layer perceptron: dense layers with an activation between them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise

from mulle.nn.layers import Dropout, Linear, ReLU, Sequential
from mulle.nn.module import Module


class MLP(Sequential):
    """Multi-layer perceptron: Linear, [norm,] activation[, dropout], ..., Linear.

    Args:
        sizes: widths of the layers from the inputs to the outputs, for example (20, 64, 64, 2).
        activation: class of the layers between.
        dropout: share dropped after each activation, 0 to 1.
        norm: class of a layer before each activation, called with the width: `nn.BatchNorm1d` or
            `nn.LayerNorm`.

    Shapes:
        x (..., sizes[0]) -> y (..., sizes[-1])

    Its parameters are named as in a `torch.nn.Sequential` of the same layers.

    >>> MLP((20, 64, 2)).n_parameters()
    1474

    catalogue  net-mlp net-dnn net-ann
    """

    def __init__(
        self,
        sizes: Sequence[int],
        *,
        activation: Callable[[], Module] = ReLU,
        dropout: float = 0.0,
        norm: Callable[[int], Module] | None = None,
    ) -> None:
        layers: list[Module] = []
        for i, (n_in, n_out) in enumerate(pairwise(sizes)):
            layers.append(Linear(n_in, n_out))
            if i == len(sizes) - 2:
                break
            layers += [norm(n_out)] if norm else []
            layers.append(activation())
            layers += [Dropout(dropout)] if dropout else []
        super().__init__(*layers)
