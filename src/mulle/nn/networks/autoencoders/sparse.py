"""Sparse autoencoder: the code may be wide, but few of its units are active at once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from mulle.errors import UnknownName
from mulle.nn import functional as F
from mulle.nn.layers import ReLU
from mulle.nn.module import Module
from mulle.nn.networks.autoencoders.autoencoder import Autoencoder

PENALTIES = ("kl", "l1")
_INSIDE = 1e-6  # keeps logarithms finite where a unit is all silent


def sparsity(mean: Any, rho: float) -> Any:
    """Sum KL(rho || m) = rho ln(rho / m) + (1 - rho) ln((1 - rho) / (1 - m)) over the units.

    Args:
        mean: m, activation of each unit averaged over rows, shape (k,), between 0 and 1.
        rho: desired mean, between 0 and 1.

    catalogue  loss-sparse-ae
    """
    m = mean * (1 - 2 * _INSIDE) + _INSIDE
    return (rho * (rho / m).log() + (1 - rho) * ((1 - rho) / (1 - m)).log()).sum()


class SparseAutoencoder(Autoencoder):
    """Autoencoder with a sigmoid code; loss = mean squared error + weight * penalty.

    Args:
        sizes: widths of the layers from the input to the code.
        rho: desired mean activation of each code unit (penalty `kl`).
        weight: weight of the penalty.
        penalty: `kl`, or `l1`: the mean over rows of the sum of the code.
        activation: class of the layers between.

    Shapes:
        x (n, sizes[0]) -> y (n, sizes[0]), code (n, sizes[-1])

    Raises:
        UnknownName: there is no such penalty.

    Source: Ng 2011, CS294A lecture notes, Sparse autoencoder.

    catalogue  ae-sparse
    """

    def __init__(
        self,
        sizes: Sequence[int],
        *,
        rho: float = 0.05,
        weight: float = 0.01,
        penalty: str = "kl",
        activation: Callable[[], Module] = ReLU,
    ) -> None:
        if penalty not in PENALTIES:
            raise UnknownName("penalty-unknown", "sparsity-penalty", penalty, PENALTIES)
        super().__init__(sizes, activation=activation)
        self.rho, self.weight, self.penalty = rho, weight, penalty

    def encode(self, x: Any) -> Any:
        """Return the code of each row, between 0 and 1."""
        return F.sigmoid(self.encoder(x))

    def forward(self, x: Any) -> Any:
        """Return the output, and the code for the penalty."""
        code = self.encode(x)
        return self.decode(code), code

    def loss(self, output: Any, target: Any) -> Any:
        """Return the reconstruction error plus the penalty on the code."""
        restored, code = output
        kl = self.penalty == "kl"
        used = sparsity(code.mean(0), self.rho) if kl else code.sum(1).mean()
        return super().loss(restored, target) + self.weight * used
