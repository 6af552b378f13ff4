"""Losses of generator and discriminator: three pairs, on the logits of the discriminator.

D(x) = sigmoid(logit). Cross-entropy is written on logits, -ln D = softplus(-logit), so that no
logarithm of 0 can arise.

catalogue  loss-gan loss-gan-ns loss-lsgan
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from mulle.nn import functional as F


class AdversarialLoss(NamedTuple):
    """Hold a pair of losses.

    Attributes:
        discriminator: function of the logits of real rows, the logits of generated ones, and how
            far the label of the real is below 1 (one-sided label smoothing).
        generator: function of the logits of generated rows.
    """

    discriminator: Callable[[Any, Any, float], Any]
    generator: Callable[[Any], Any]


def bce(logits: Any, label: float) -> Any:
    """Return the mean binary cross-entropy against one label for all: softplus(z) - label z."""
    return (F.softplus(logits) - label * logits).mean()


def _cross_entropies(real: Any, fake: Any, smoothing: float) -> Any:
    return bce(real, 1 - smoothing) + bce(fake, 0.0)


def _least_squares(real: Any, fake: Any, smoothing: float) -> Any:
    return 0.5 * ((real - (1 - smoothing)) ** 2).mean() + 0.5 * (fake**2).mean()


#: The zero-sum game: the generator minimises E ln(1 - D(G(z))), whose gradient fades when D wins.
#: Source: Goodfellow et al. 2014, arXiv:1406.2661, equation 1.
MINIMAX = AdversarialLoss(_cross_entropies, lambda fake: -bce(fake, 0.0))

#: The generator minimises -E ln D(G(z)) instead. Source: the same, section 3.
NON_SATURATING = AdversarialLoss(_cross_entropies, lambda fake: bce(fake, 1.0))

#: Squared distances from 1 and 0. Source: Mao et al. 2017, arXiv:1611.04076, equation 9.
LEAST_SQUARES = AdversarialLoss(_least_squares, lambda fake: 0.5 * ((fake - 1) ** 2).mean())
