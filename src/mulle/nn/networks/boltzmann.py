"""Restricted Boltzmann machine: two layers of binary units, and an energy for each state."""

from __future__ import annotations

from typing import Any

import numpy as np

from mulle.nn import functional as F
from mulle.nn import init
from mulle.nn.layers._noise import uniform_like
from mulle.nn.module import Module
from mulle.nn.tensor import Parameter


class RestrictedBoltzmannMachine(Module):
    """Model P(v, h) ~ e^-E with E = -v' b - h' c - h' W v, trained by contrastive divergence.

    With the hidden units summed out, the free energy is F(v) = -v' b - sum_j softplus(c + W v)_j.
    The gradient of F(data) - F(sample of the model) is the update of CD-k.

    Args:
        n_visible: length of a row of zeros and ones.
        n_hidden: number of hidden units.
        k: number of Gibbs steps from the data to the model's sample.

    Shapes:
        v (n, n_visible) -> P(h = 1 | v) (n, n_hidden)

    Source: Hinton 2002, Training products of experts by minimizing contrastive divergence.

    catalogue  net-boltzmann
    """

    def __init__(self, n_visible: int, n_hidden: int, *, k: int = 1) -> None:
        self.k = k
        self.weight = Parameter(init.normal((n_hidden, n_visible), 0.01))
        self.visible_bias = Parameter(np.zeros(n_visible, np.float32))
        self.hidden_bias = Parameter(np.zeros(n_hidden, np.float32))

    def forward(self, v: Any) -> Any:
        """Return the probabilities of the hidden units."""
        return F.sigmoid(F.linear(v, self.weight, self.hidden_bias))

    def visible(self, h: Any) -> Any:
        """Return the probabilities of the visible units, given the hidden ones."""
        return F.sigmoid(F.linear(h, self.weight.transpose(0, 1), self.visible_bias))

    def free_energy(self, v: Any) -> Any:
        """Return F(v), one number for each row."""
        inner = F.softplus(F.linear(v, self.weight, self.hidden_bias)).sum(1)
        return -(v * self.visible_bias).sum(1) - inner

    def gibbs(self, v: Any) -> Any:
        """Draw the visible units after one Gibbs step, by way of a draw of the hidden ones."""
        return sample_bits(self.visible(sample_bits(self(v))))

    def loss(self, v: Any) -> Any:
        """Return a loss whose gradient is that of contrastive divergence; its value says little."""
        sample = v
        for _ in range(self.k):
            sample = self.gibbs(sample)
        return (self.free_energy(v) - self.free_energy(sample)).mean()


def sample_bits(p: Any) -> Any:
    """Draw 1 with the given probability in each entry, else 0."""
    return F.where(uniform_like(p) < p.detach().data, np.float32(1), np.float32(0))
