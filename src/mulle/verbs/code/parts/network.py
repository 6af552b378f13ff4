"""A neural network for tables in plain NumPy: a RealMLP, trained with AdamW.

Source: Holzmüller, Grinsztajn & Steinwart 2024, arXiv:2407.04491.
"""

from __future__ import annotations

import math
from itertools import pairwise
from typing import Any

import numpy as np
from scipy.special import softmax

SELU, SELU_LOW = 1.0507009873554804934193349852946, 1.6732632423543772848170429916717


def activate(name: str, x: Any) -> Any:
    """Return the activations, and their slopes."""
    if name == "selu":
        low = np.fmin(x, 0)
        y = np.expm1(low)
        y *= SELU * SELU_LOW
        y += SELU * np.maximum(x, 0)
        slope = np.exp(low)
        slope *= np.multiply(x <= 0, SELU * (SELU_LOW - 1), dtype=x.dtype) + SELU
        return y, slope
    e = np.exp(np.minimum(x, 20))  # mish
    t = e * (e + 2)
    t /= t + 2
    return x * t, t + x * (1 - t * t) * (e / (1 + e))


class Network:
    """Layers of weights [out, in] and biases, behind a bend and a scale for each feature."""

    def __init__(self, rng: Any, sizes: list[int], activation: str) -> None:
        self.scale, self.activation = np.ones(sizes[0], np.float32), activation
        self.biases = [np.zeros(out, np.float32) for out in sizes[1:]]
        for width, out in pairwise(sizes):  # drawn and not used, so that what follows is the same
            rng.uniform(size=(out, width))
            rng.uniform(size=out)
        self.weights = [
            rng.normal(0.0, math.sqrt(1 / width), (out, width)).astype(np.float32)
            for width, out in pairwise(sizes)
        ]
        self.weights[-1][:] = 0

    def bend(self, x: Any) -> Any:
        """Return features of which what is large is bent towards 3."""
        x = np.clip(x, -1e15, 1e15)
        return x / np.sqrt(x * x * (1 / 3.0**2) + 1.0)

    def __call__(self, x: Any) -> Any:
        """Return the outputs of the last layer, computed in the type of x."""
        h = self.bend(x) * self.scale.astype(x.dtype)
        layers = [
            (w.astype(x.dtype), b.astype(x.dtype))
            for w, b in zip(self.weights, self.biases, strict=True)
        ]
        for w, b in layers[:-1]:
            h, _ = activate(self.activation, h @ w.T + b)
        return h @ layers[-1][0].T + layers[-1][1]

    def gradients(self, x: Any, error: Any, dropout: float, rng: Any) -> Any:
        """Return the gradients of scale, weights and biases; `error` is that of the outputs."""
        bent = self.bend(x)
        inputs, slopes = [bent * self.scale], []
        for w, b in zip(self.weights[:-1], self.biases[:-1], strict=True):
            z = inputs[-1] @ w.T
            z += b
            y, slope = activate(self.activation, z)
            mask = None
            if dropout:
                mask = np.multiply(
                    rng.random(y.shape, dtype=np.float32) >= dropout,
                    1 / (1 - dropout),
                    dtype=y.dtype,
                )
                y = y * mask
            inputs.append(y)
            slopes.append((slope, mask))
        output = inputs[-1] @ self.weights[-1].T
        output += self.biases[-1]
        g = error(output)
        of_weights: list[Any] = []
        of_biases: list[Any] = []
        for i in range(len(self.weights) - 1, -1, -1):
            of_weights.insert(0, g.T @ inputs[i])
            of_biases.insert(0, np.ones(len(g), np.float32) @ g)
            g = g @ self.weights[i]
            if i:
                slope, mask = slopes[i - 1]
                g = (g if mask is None else g * mask) * slope
        return (g * bent).sum(axis=0), of_weights, of_biases


def network(
    x: Any, y: Any, weight: Any, x_test: Any, *, classes: bool, steps: int, settings: dict[str, Any]
) -> Any:
    """Return the predictions of a network that is trained for so many steps."""
    outputs, centre, spread = (int(y.max()) + 1 if classes else 1), 0.0, 1.0
    if not classes:
        centre = float(np.average(y, weights=weight))
        spread = float(np.sqrt(np.average((y - centre) ** 2, weights=weight))) or 1.0
        y = (y - centre) / spread
    share = None if weight is None else (weight / weight.mean()).astype(np.float32)
    y = y if classes else y.astype(np.float32)
    rng = np.random.default_rng(settings["random_state"])
    model = Network(rng, [x.shape[1], *settings["hidden"], outputs], settings["activation"])
    batch = min(settings["batch_size"], max(16, len(x) // 4))
    waves = settings["epochs"] * math.ceil(len(x) / batch)
    state, order, at = Adam(model, settings), np.arange(len(x)), len(x)
    for step in range(steps):
        if at >= len(x):
            order, at = rng.permutation(len(x)), 0
        rows = order[at : at + batch]
        at += batch
        lost = slope_of_loss(y[rows], None if share is None else share[rows], classes=classes)
        rate = (1 - math.cos(2 * math.pi * math.log2(1 + 15 * min(1.0, step / waves)))) / 2
        state.step(model.gradients(x[rows], lost, settings["dropout"], rng), rate)
    found = model(x_test.astype(np.float64))
    return softmax(found, axis=1) if classes else found[:, 0] * spread + centre


def slope_of_loss(y: Any, share: Any, *, classes: bool) -> Any:
    """Return the function of outputs that gives the slope of their loss, for some rows."""
    part: Any = np.float32(1 / len(y))
    if share is not None:
        part = (np.float32(1.0) / len(y) * share)[:, None]

    def of(output: Any) -> Any:
        if not classes:
            return (output - y[:, None]) * (2 * part)
        z, at = np.array(output.T, order="C"), (y, np.arange(len(y)))
        z -= z.max(axis=0)
        np.exp(z, out=z)
        z /= z.sum(axis=0)
        z[at] -= 1
        return z.T * part

    return of


class Adam:
    """AdamW, with a rate of its own for scale, weights and biases; only weights decay."""

    def __init__(self, model: Network, settings: dict[str, Any]) -> None:
        one = np.float32(1.0)
        rates = [np.float32(1 / math.sqrt(w.shape[1])) for w in model.weights]
        self.parts = [
            (model.scale, np.float32(6.0), np.float32(0.0)),
            *((w, rate, one) for w, rate in zip(model.weights, rates, strict=True)),
            *((b, np.float32(0.1), np.float32(0.0)) for b in model.biases),
        ]
        self.rate, self.decay = settings["learning_rate"], settings["weight_decay"]
        self.means = [(np.zeros_like(w), np.zeros_like(w)) for w, _, _ in self.parts]
        self.steps = 0

    def step(self, gradients: Any, factor: float) -> None:
        """Move the parameters along their gradients."""
        of_scale, of_weights, of_biases = gradients
        self.steps += 1
        b1, b2 = 0.9, 0.95
        scale = math.sqrt((1 - b2**self.steps) / (1 - b2))
        flat = zip(self.parts, self.means, [of_scale, *of_weights, *of_biases], strict=True)
        for (w, own, decays), (m, v), g in flat:
            rate = self.rate * factor * own
            if self.decay:
                w *= 1 - rate * (self.decay * decays)
            m *= b1
            m += g
            v *= b2
            v += g * g
            size = np.sqrt(v)
            size += 1e-8 * scale
            np.divide(m, size, out=size)
            size *= rate * (scale * (1 - b1) / (1 - b1**self.steps))
            w -= size
