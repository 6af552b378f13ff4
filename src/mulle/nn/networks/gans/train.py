"""The loop that trains any GAN: the discriminator's step, then the generator's."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np

from mulle.errors import RunError
from mulle.nn import optim
from mulle.nn.module import Module
from mulle.nn.networks.gans.gan import GAN
from mulle.nn.randomness import generator


def train_gan(
    gan: GAN,
    data: Sequence[np.ndarray],
    *,
    epochs: int,
    batch_size: int = 64,
    lr: float = 2e-4,
    lr_discriminator: float | None = None,
    smoothing: float = 0.0,
    on_epoch: Callable[[int, float, float], Any] | None = None,
) -> np.ndarray:
    """Train both networks in turn, each with an Adam (beta1 0.5) of its own.

    When it fails: smooth the labels (0.1), slow the discriminator down (`lr_discriminator`),
    normalize it (`spectral_norm(gan.discriminator)`), or use another loss.

    Args:
        gan: GAN of any kind.
        data: (x, *given), arrays with equal numbers of rows.
        epochs: number of passes over the data.
        batch_size: rows per step; rows at the end of a pass that fill no batch are left out.
        lr: learning rate of the generator, and of the discriminator unless it has its own.
        lr_discriminator: learning rate of the discriminator.
        smoothing: how far the label of real rows is below 1, 0 to 1.
        on_epoch: function called with the epoch (0-based) and both losses.

    Returns:
        Mean losses of discriminator and generator, shape (epochs, 2).

    Raises:
        RunError: a loss is no longer finite.

    Source: Goodfellow et al. 2014, arXiv:1406.2661, algorithm 1; Radford et al. 2016,
    arXiv:1511.06434, section 4 (the optimizer); Salimans et al. 2016, arXiv:1606.03498, section
    3.4 (smoothing).

    catalogue  gan-basic gan-tips
    """
    parts = (gan.discriminator, gan.generator)
    rates = (lr if lr_discriminator is None else lr_discriminator, lr)
    optimizers = [
        optim.Adam(part.parameters(), rate, betas=(0.5, 0.999))
        for part, rate in zip(parts, rates, strict=True)
    ]
    history = np.zeros((epochs, 2))
    gan.train()
    for epoch in range(epochs):
        losses = []
        for batch in _batches(data, batch_size):
            with frozen(gan.generator):
                d = _step(gan.discriminator_loss(batch, smoothing), optimizers[0])
            with frozen(gan.discriminator):
                g = _step(gan.generator_loss(batch), optimizers[1])
            losses.append((d, g))
        history[epoch] = np.mean(losses, axis=0)
        if not np.isfinite(history[epoch]).all():
            raise RunError("gan-diverged", epoch=epoch, loss=str(history[epoch].sum()))
        if on_epoch:
            on_epoch(epoch, *history[epoch])
    return history


@contextmanager
def frozen(network: Module) -> Iterator[None]:
    """Freeze the parameters of a network for a while; those frozen before stay so."""
    learned = [p for p in network.parameters() if p.requires_grad]
    for p in learned:
        p.requires_grad = False
    try:
        yield
    finally:
        for p in learned:
            p.requires_grad = True


def _step(loss: Any, optimizer: optim.Optimizer) -> float:
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return float(loss.item())


def _batches(data: Sequence[np.ndarray], size: int) -> Iterator[tuple[np.ndarray, ...]]:
    rows = generator().permutation(len(data[0]))
    size = min(size, len(rows))
    for begin in range(0, len(rows) - size + 1, size):
        chosen = rows[begin : begin + size]
        yield tuple(part[chosen] for part in data)
