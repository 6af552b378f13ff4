"""Semi-supervised GAN: a classifier with one more class, for generated rows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from mulle.nn import functional as F
from mulle.nn.layers import LeakyReLU
from mulle.nn.networks.gans.gan import GAN
from mulle.nn.networks.gans.losses import bce
from mulle.nn.networks.mlp import MLP
from mulle.nn.tensor import as_numpy

UNLABELLED = -1


class SemiSupervisedGAN(GAN):
    """GAN whose discriminator has K classes and one for generated rows.

    A batch is (x, y), y = -1 where the class is unknown.

    A row is real with the probability of the K classes together, whose logit is
    logsumexp(logits of the K) - logit of the last. After training the discriminator is a
    classifier, see `classify`.

    Args:
        n_noise: length of the noise.
        n_data: length of a row.
        n_classes: K, the number of classes.
        hidden: widths of the hidden layers of the generator, and reversed of the discriminator.

    Shapes:
        z (n, n_noise) -> x (n, n_data)

    Source: Salimans et al. 2016, arXiv:1606.03498, section 5; Odena 2016, arXiv:1606.01583.

    catalogue  gan-sgan
    """

    def __init__(
        self, n_noise: int, n_data: int, n_classes: int, *, hidden: Sequence[int] = (64, 64)
    ) -> None:
        super().__init__(
            MLP((n_noise, *hidden, n_data), activation=LeakyReLU),
            MLP((n_data, *hidden[::-1], n_classes + 1), activation=LeakyReLU),
            n_noise,
        )
        self.n_classes = n_classes

    def discriminator_loss(self, batch: Sequence[Any], smoothing: float = 0.0) -> Any:
        """Return the loss of the classes of labelled rows, and of telling real from generated."""
        x, y = batch
        logits = self.discriminator(x)
        fake = self.discriminator(self.generate(batch[:1]).detach())
        loss = bce(self._real(logits), 1 - smoothing) + bce(self._real(fake), 0.0)
        known = np.flatnonzero(as_numpy(y) != UNLABELLED)
        if len(known):
            loss = loss + F.cross_entropy(logits[known], as_numpy(y)[known])
        return loss

    def generator_loss(self, batch: Sequence[Any]) -> Any:
        """Return the loss of not being taken for any of the K classes."""
        return bce(self._real(self.discriminator(self.generate(batch[:1]))), 1.0)

    def classify(self, x: Any) -> Any:
        """Return the logits of the K classes."""
        return self.discriminator(x)[:, : self.n_classes]

    def _real(self, logits: Any) -> Any:
        classes = logits[:, : self.n_classes]
        largest = F.max(classes, axis=1)
        total = (classes - largest.reshape(-1, 1)).exp().sum(1).log()
        return largest + total - logits[:, self.n_classes]
