"""Variational autoencoder: the code is a distribution, from which new rows can be drawn."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from mulle.errors import UnknownName
from mulle.nn import functional as F
from mulle.nn.export import inference
from mulle.nn.layers import ReLU
from mulle.nn.layers._noise import normal_like
from mulle.nn.module import Module
from mulle.nn.networks.mlp import MLP
from mulle.nn.randomness import generator
from mulle.nn.tensor import as_numpy, no_grad

LIKELIHOODS = ("gaussian", "bernoulli")


class VariationalAutoencoder(Module):
    """Variational autoencoder: z = mu + sigma * noise in training, z = mu at inference.

    The encoder gives mu and log sigma^2.

    loss = negative ELBO = -log p(x | z) + KL(N(mu, sigma^2) || N(0, 1)), mean over rows.

    Args:
        sizes: widths of the layers from the input to the code.
        likelihood: `gaussian` of variance 1 around the output (less its constant), or `bernoulli`
            with the output as logits, for inputs between 0 and 1.
        activation: class of the layers between.

    Shapes:
        x (n, sizes[0]) -> y (n, sizes[0]), mu (n, sizes[-1]), log_var (n, sizes[-1])

    Raises:
        UnknownName: there is no such likelihood.

    Source: Kingma & Welling 2014, arXiv:1312.6114, equation 10.

    catalogue  ae-vae loss-elbo
    """

    def __init__(
        self,
        sizes: Sequence[int],
        *,
        likelihood: str = "gaussian",
        activation: Callable[[], Module] = ReLU,
    ) -> None:
        if likelihood not in LIKELIHOODS:
            raise UnknownName("likelihood-unknown", "likelihood", likelihood, LIKELIHOODS)
        self.likelihood, self.n_code, self.n_data = likelihood, sizes[-1], sizes[0]
        self.encoder = MLP((*sizes[:-1], 2 * sizes[-1]), activation=activation)
        self.decoder = MLP(sizes[::-1], activation=activation)

    def forward(self, x: Any) -> Any:
        """Compute the output of the network."""
        h = self.encoder(x)
        mu, log_var = h[:, : self.n_code], h[:, self.n_code :]
        z = mu + (log_var * 0.5).exp() * normal_like(mu) if self.training else mu
        return self.decoder(z), mu, log_var

    def loss(self, output: Any, target: Any) -> Any:
        """Return the negative ELBO, averaged over rows."""
        y, mu, log_var = output
        if self.likelihood == "bernoulli":
            restored = F.binary_cross_entropy_with_logits(y, target) * self.n_data
        else:
            restored = F.mse_loss(y, target) * (self.n_data / 2)
        return restored + F.gaussian_kl(mu, log_var)

    def sample(self, n: int) -> np.ndarray:
        """Draw new rows (n, n_data): means of the Gaussian, or probabilities."""
        z = generator().standard_normal((n, self.n_code), np.float32)
        with inference(self), no_grad():
            y = self.decoder(z)
            return as_numpy(F.sigmoid(y) if self.likelihood == "bernoulli" else y)
