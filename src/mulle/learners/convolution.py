"""A small convolutional network for images, trained by mulle's own engine, in NumPy.

Blocks of a 3x3 convolution, batch normalisation, ReLU and 2x2 pooling, then one dense layer. While
it trains, each image is shifted by a few pixels at random, to another place at every pass, and
mirrored where that is asked for.

catalogue  net-cnn conv-map conv-params aug-image hp-aug
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np

from mulle.arrays import Array
from mulle.budget import Stop
from mulle.constraints import Choice, Flag, Interval, Listing
from mulle.graph import Matrix
from mulle.learners.base import SEED, THREADS, Held, Learner
from mulle.learners.network import (
    MLPClassifier,
    MLPRegressor,
    _blas_threads,
    _Network,
    _target,
    _validation,
)
from mulle.settings import Parameters

_USUAL_MAPS = (16, 32)
_PRODUCTS_PER_THREAD = 9 * 16  # of a pixel


class _Convolution(_Network):
    """The base class of both networks.

    Its features are the pixels of one image, channel by channel; what is not a square whose side
    every pooling halves is filled up with black.

    Args:
        maps: feature maps of each block.
        channels: numbers of a pixel: 1 for grey, 3 for red, green and blue.
        shift: pixels by which training images are moved at most, as a share of their side.
        mirror: whether training images are mirrored, left to right, every other time.
        dropout: share of the last block's numbers left out at each step.
        weight_decay: share, times the learning rate, that weights lose at each step.
        learning_rate: at the top of its cycle.
        batch_size: rows a step, fewer where rows are few.
        epochs: passes over the rows at most.
        max_steps: steps at most, on large tables; one pass is made in any case.
        patience: steps without gain on the held rows before training ends.
        n_jobs: threads of its matrix products.
        random_state: seed of weights, order, dropout and shifts.
    """

    parameters: ClassVar[Parameters] = {
        "maps": Listing(Interval(int, 1)),
        "channels": Choice(1, 3),
        "shift": Interval(float, 0, 0.5),
        "mirror": Flag(),
        "dropout": Interval(float, 0, 1, closed="left"),
        "weight_decay": Interval(float, 0, 1),
        "learning_rate": Interval(float, 0, 1, closed="right"),
        "batch_size": Interval(int, 1),
        "epochs": Interval(int, 1),
        "max_steps": Interval(int, 1),
        "patience": Interval(int, 1),
        "n_jobs": THREADS,
        "random_state": SEED,
    }

    def __init__(
        self,
        *,
        maps: Sequence[int] = _USUAL_MAPS,
        channels: int = 1,
        shift: float = 0.08,
        mirror: bool = False,
        dropout: float = 0.2,
        weight_decay: float = 0.01,
        learning_rate: float = 0.004,
        batch_size: int = 64,
        epochs: int = 40,
        max_steps: int = 2_000,
        patience: int = 500,
        n_jobs: int = -1,
        random_state: int = 0,
    ) -> None:
        self.maps = maps
        self.channels = channels
        self.shift = shift
        self.mirror = mirror
        self.dropout = dropout
        self.weight_decay = weight_decay
        self.learning_rate = learning_rate
        self.batch_size = batch_size
        self.epochs = epochs
        self.max_steps = max_steps
        self.patience = patience
        self.n_jobs = n_jobs
        self.random_state = random_state

    def _train(
        self,
        x: Matrix,
        y: Array,
        weight: Array | None,
        outputs: int,
        *,
        held: Held | None,
        stop: Stop,
    ) -> None:
        """Train a network, and keep the epoch that was best on the held rows."""
        from mulle import nn

        batch, per_epoch = self._batch(len(x)), self._steps(len(x))
        epochs = self.most_rounds(len(x))
        with nn.seeded(self.random_state), _blas_threads(self._threads(batch)):
            network = self._build(x.shape[1], outputs)
            optimizer = nn.optim.AdamW(
                network.parameters(), self._rate(), weight_decay=self.weight_decay
            )
            history = nn.train(
                network,
                (x, _target(y, weight)),
                loss=self.loss if weight is None else self._weighted_loss,
                optimizer=optimizer,
                schedule=nn.schedules.OneCycle(epochs * per_epoch),
                epochs=epochs,
                batch_size=batch,
                drop_last=len(x) > batch and len(x) % batch == 1,
                validation=_validation(held, weighted=weight is not None),
                early_stopping=None if held is None else max(1, self.patience // per_epoch),
                stop=stop,
                progress=False,
                diagnosing=False,
            )
        self.best_epoch_ = history.best_epoch
        restored = held is not None and history.best_epoch > 0
        self.steps_ = (
            history.epochs[history.best_epoch - 1].steps if restored else len(history.losses)
        )
        self.epochs_ = epochs
        self.network_ = network.eval()
        self.graph_type_ = np.float32

    def _build(self, features: int, outputs: int) -> Any:
        """Return a network of images as large as so many features fill."""
        from mulle.learners.convolution_layers import network

        return network(
            features,
            outputs,
            channels=self.channels,
            maps=self.maps,
            dropout=self.dropout,
            shift=self.shift,
            mirror=self.mirror,
            seed=self.random_state,
        )

    def _rate(self) -> float:
        return float(self.learning_rate or 0.0)

    def _threads(self, rows: int) -> int:
        """Return the number of threads that pays for products as wide as a batch's windows."""
        from mulle.learners.base import threads

        return threads(self.n_jobs, rows * _PRODUCTS_PER_THREAD * max(self.maps))

    def to_onnx(self, g: Any, x: Any) -> Any:
        """Return probabilities [N, C] or values [N, 1]; the layers are float32, as in Python."""
        from mulle import nn

        rows = np.zeros((2, self.n_features_in_), np.float32)
        with nn.no_grad():
            output = self.network_(nn.symbol(g.cast(x, to=np.float32), rows))
            double = nn.symbol(g.cast(output.var, to=np.float64), np.zeros(output.shape))
            return self.answer(double).var

    def width(self, features: int) -> int:
        """Return how many numbers the first block holds of an image."""
        return max(features, features // self.channels * self.maps[0])

    def operations(self) -> float:
        """Return the products of a row."""
        pixels, found, before = self.n_features_in_ / self.channels, 0.0, self.channels
        for maps in self.maps:
            found += pixels * 9 * before * maps
            pixels, before = pixels / 4, maps
        return float(found + pixels * before)

    def round_weight(self) -> float:
        """Return a weight that grows with the products of a pixel."""
        usual = 9 * (_USUAL_MAPS[0] + _USUAL_MAPS[0] * _USUAL_MAPS[1] / 4)
        now, before, share = 0.0, self.channels, 1.0
        for maps in self.maps:
            now += share * 9 * before * maps
            before, share = maps, share / 4
        return now / usual

    def as_trained(self) -> dict[str, Any]:
        """Return what was chosen for the rows; `max_steps` are those that were made."""
        return {"epochs": self.epochs_, "max_steps": self.steps_}

    def final_params(self, fitted: Sequence[Learner]) -> dict[str, Any]:
        """Return nothing: its learning rate is lowest, and it is best, at the last pass."""
        return {}

    def _steps(self, rows: int) -> int:
        """Return the steps of a pass."""
        batch = self._batch(rows)
        lone = rows > batch and rows % batch == 1  # of which no batch statistics can be taken
        return math.floor(rows / batch) if lone else math.ceil(rows / batch)


class ConvolutionClassifier(_Convolution, MLPClassifier):
    """Learn classes of images, trained on cross-entropy; predict the softmax."""


class ConvolutionRegressor(_Convolution, MLPRegressor):
    """Learn values of images, trained on squared errors."""
