"""A neural network for tables: a RealMLP trained by mulle's own engine, in NumPy.

It learns in float32 and answers in float64. Its graph computes the layers in float32, which takes
half the time, where the answers to training rows are the same as far as a proof can tell.

catalogue  net-mlp net-dnn learn-binary learn-multi learn-regress
"""

from __future__ import annotations

import copy
import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import pairwise
from typing import Any, ClassVar

import numpy as np

from mulle.arrays import Array
from mulle.budget import Stop, never
from mulle.constraints import Choice, Interval, Listing, Optional
from mulle.graph import Matrix
from mulle.learners.base import SEED, THREADS, Classifier, Held, Learner, Regressor, threads
from mulle.settings import Parameters

_MIN_STEPS_PER_EPOCH = 4  # in an epoch: small tables have small batches
_MIN_BATCH_SIZE = 16
_USUAL_WIDTHS = (128, 128)
_PRODUCTS_OF_A_STEP = 20_000  # a row, that take as long as all else in a step
_ROWS_TO_COMPARE = 1_000  # whose answers in float32 are compared with those in float64
_WAVE_ENDS = tuple((2**wave - 1) / 15 for wave in (1, 2, 3, 4))  # shares of the schedule: CosLog4
# Those that ONNX Runtime computes exactly in float64.
_ACTIVATIONS = ("mish", "relu", "relu6", "selu", "sigmoid", "silu", "tanh")


class _Network(Learner):
    """The base class of both networks.

    Args:
        hidden: widths of the hidden layers.
        activation: an operation of `mulle.nn`; None for `selu` with classes, `mish` with values.
        dropout: share of hidden units left out at each step.
        weight_decay: share, times the learning rate, that weights lose at each step.
        learning_rate: at the top of its four waves, each twice as long as the last; None for 0.04
            with classes, 0.07 with values.
        batch_size: rows a step, fewer where rows are few.
        epochs: passes over the rows at most; the waves end with the last.
        max_steps: steps at most, on large tables; one pass is made in any case.
        patience: steps without gain on the held rows before training ends.
        waves: of the learning rate, after which training ends, as the folds found them; their
            ends are where a network is best.
        n_jobs: threads of its matrix products.
        random_state: seed of weights, order and dropout.
    """

    rounds = "epochs"
    _activation: str
    _learning_rate: float
    best_epoch_: int
    best_share_: float  # of all epochs of the schedule
    steps_: int  # made by the weights that were kept
    epochs_: int  # of the schedule
    network_: Any
    parameters: ClassVar[Parameters] = {
        "hidden": Listing(Interval(int, 1)),
        "activation": Optional(Choice(*_ACTIVATIONS)),
        "dropout": Interval(float, 0, 1, closed="left"),
        "weight_decay": Interval(float, 0, 1),
        "learning_rate": Optional(Interval(float, 0, 1, closed="right")),
        "batch_size": Interval(int, 1),
        "epochs": Interval(int, 1),
        "max_steps": Interval(int, 1),
        "patience": Interval(int, 1),
        "waves": Interval(int, 1, 4),
        "n_jobs": THREADS,
        "random_state": SEED,
    }

    def __init__(
        self,
        *,
        hidden: Sequence[int] = _USUAL_WIDTHS,
        activation: str | None = None,
        dropout: float = 0.15,
        weight_decay: float = 0.02,
        learning_rate: float | None = None,
        batch_size: int = 256,
        epochs: int = 256,
        max_steps: int = 600,
        patience: int = 500,
        waves: int = 4,
        n_jobs: int = -1,
        random_state: int = 0,
    ) -> None:
        self.hidden = hidden
        self.activation = activation
        self.dropout = dropout
        self.weight_decay = weight_decay
        self.learning_rate = learning_rate
        self.batch_size = batch_size
        self.epochs = epochs
        self.max_steps = max_steps
        self.patience = patience
        self.waves = waves
        self.n_jobs = n_jobs
        self.random_state = random_state

    def loss(self, output: Any, target: Any, **reduction: str) -> Any:
        """Return the loss to minimise; `reduction="none"` gives the loss of each row."""
        raise NotImplementedError

    def answer(self, output: Any) -> Any:
        """Return probabilities or values from the output of the last layer."""
        raise NotImplementedError

    def most_off(self) -> float:
        """Return by how much answers may differ in float32, well within what a proof allows."""
        raise NotImplementedError

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
        from mulle.nn.networks import RealMLP

        batch, per_epoch = self._batch(len(x)), self._steps(len(x))
        epochs = self.most_rounds(len(x))
        with nn.seeded(self.random_state), _blas_threads(self._threads(batch)):
            network = RealMLP(
                x.shape[1],
                outputs,
                hidden=self.hidden,
                activation=self.activation or self._activation,
                dropout=self.dropout,
            )
            optimizer = nn.optim.AdamW(
                network.groups(),
                self.learning_rate or self._learning_rate,
                betas=(0.9, 0.95),
                weight_decay=self.weight_decay,
            )
            history = nn.train(
                network,
                (x, _target(y, weight)),
                loss=self.loss if weight is None else self._weighted_loss,
                optimizer=optimizer,
                schedule=nn.schedules.CosLog4(epochs * per_epoch),
                epochs=max(1, round(epochs * _WAVE_ENDS[self.waves - 1])),
                batch_size=batch,
                validation=_validation(held, weighted=weight is not None),
                early_stopping=None if held is None else max(1, self.patience // per_epoch),
                stop=stop,
                progress=False,
                diagnosing=False,
            )
        self.best_epoch_ = history.best_epoch
        self.best_share_ = history.best_epoch / epochs
        restored = held is not None and history.best_epoch > 0
        made = history.epochs[history.best_epoch - 1].steps if restored else len(history.losses)
        self.steps_, self.epochs_ = made, epochs
        self.network_ = _in_type(network.eval(), np.float64)
        single = self._agrees_in_float32(x[:_ROWS_TO_COMPARE])
        self.graph_type_ = np.float32 if single else np.float64

    def _agrees_in_float32(self, x: Matrix) -> bool:
        """Tell whether float32 gives the same answers, as far as a proof can tell."""
        single = self._answers(_in_type(copy.deepcopy(self.network_), np.float32), x)
        return bool(np.abs(single - self.scores(x)).max(initial=0.0) <= self.most_off())

    def _weighted_loss(self, output: Any, target: Any) -> Any:
        """Return the weighted mean of the loss over the rows."""
        y, weight = target[:, 0], target[:, 1]
        return (self.loss(output, y, reduction="none") * weight).mean()

    def _threads(self, rows: int) -> int:
        """Return the number of threads that pays for products as wide as the layers."""
        return threads(self.n_jobs, rows * max(self.hidden, default=1))

    def scores(self, x: Matrix) -> Array:
        """Return probabilities [N, C] or values [N, 1]."""
        return self._answers(self.network_, x)

    def _answers(self, network: Any, x: Matrix) -> Array:
        """Return the answers of a network; what stands behind its last layer is in float64."""
        from mulle import nn

        with nn.no_grad():
            output = network(np.asarray(x, next(iter(network.parameters())).dtype))
            return np.asarray(self.answer(nn.Tensor(output.data.astype(np.float64))).data)

    def to_onnx(self, g: Any, x: Any) -> Any:
        """Return probabilities [N, C] or values [N, 1]."""
        from mulle import nn

        network = _in_type(copy.deepcopy(self.network_), self.graph_type_)
        rows = np.zeros((2, self.n_features_in_), self.graph_type_)
        with nn.no_grad():
            output = network(nn.symbol(g.cast(x, to=self.graph_type_), rows))
            double = nn.symbol(g.cast(output.var, to=np.float64), np.zeros(output.shape))
            return self.answer(double).var

    def width(self, features: int) -> int:
        """Return the width of the widest layer, features included."""
        return max(features, *self.hidden)

    def operations(self) -> float:
        """Return the products of a row."""
        widths = [self.n_features_in_, *self.hidden, 1]
        return float(sum(a * b for a, b in pairwise(widths)))

    def most_rounds(self, rows: int) -> int:
        """Return how many passes it takes at most over so many rows."""
        return max(1, min(self.epochs, self.max_steps // self._steps(rows)))

    def round_weight(self) -> float:
        """Return a weight that grows with the products of a row."""
        return (1.0 + _products(self.hidden)) / (1.0 + _products(_USUAL_WIDTHS))

    def _batch(self, rows: int) -> int:
        return min(self.batch_size, max(_MIN_BATCH_SIZE, rows // _MIN_STEPS_PER_EPOCH))

    def _steps(self, rows: int) -> int:
        """Return the steps of a pass."""
        return math.ceil(rows / self._batch(rows))

    def in_rounds(self, rounds: int) -> dict[str, Any]:
        """Return so many passes, where that is fewer: the learning rate falls until the last."""
        return {"epochs": rounds} if rounds < self.epochs else {}

    def as_trained(self) -> dict[str, Any]:
        """Return what was chosen for the rows; `max_steps` are those that were made."""
        return {
            "activation": self.activation or self._activation,
            "learning_rate": self.learning_rate or self._learning_rate,
            "epochs": self.epochs_,
            "max_steps": self.steps_,
        }

    def final_params(self, fitted: Sequence[Learner]) -> dict[str, Any]:
        """Return the wave whose end is nearest to the mean of the epochs best on the folds.

        In the midst of a wave the learning rate is high and a network is worse than at either end.
        """
        found = [f.best_share_ for f in fitted if isinstance(f, _Network) and f.best_epoch_]
        if not found:
            return {}
        return {"waves": 1 + int(np.abs(np.array(_WAVE_ENDS) - np.mean(found)).argmin())}


def _products(hidden: Sequence[int]) -> float:
    """Return the products of a row, over so many as take as long as all else in a step."""
    widths = [max(hidden, default=1), *hidden]
    return sum(a * b for a, b in pairwise(widths)) / _PRODUCTS_OF_A_STEP


class MLPClassifier(_Network, Classifier):
    """Learn classes with a SELU perceptron, trained on cross-entropy; predict its softmax."""

    _activation, _learning_rate = "selu", 0.04

    def learn(
        self,
        x: Matrix,
        y: Array,
        weight: Array | None,
        *,
        held: Held | None = None,
        stop: Stop = never,
        categorical: Sequence[int] = (),
    ) -> None:
        """Train on cross-entropy."""
        self._train(x, y, weight, len(self.classes_), held=held, stop=stop)

    def loss(self, output: Any, target: Any, **reduction: str) -> Any:
        """Return the cross-entropy."""
        from mulle.nn import functional as F

        return F.cross_entropy(output, target.data.astype(np.int64), **reduction)

    def answer(self, output: Any) -> Any:
        """Return the softmax."""
        from mulle.nn import functional as F

        return F.softmax(output)

    def most_off(self) -> float:
        """Return half of how close to another label either of two is right."""
        return 5e-7


class MLPRegressor(_Network, Regressor):
    """Learn values with a Mish perceptron, trained on squared errors."""

    _activation, _learning_rate = "mish", 0.07

    def learn(
        self,
        x: Matrix,
        y: Array,
        weight: Array | None,
        *,
        held: Held | None = None,
        stop: Stop = never,
        categorical: Sequence[int] = (),
    ) -> None:
        """Train on standardised values."""
        self.mean_ = float(np.average(y, weights=weight))
        self.std_ = float(np.sqrt(np.average((y - self.mean_) ** 2, weights=weight))) or 1.0
        if held is not None:
            held = Held(held.x, (held.y - self.mean_) / self.std_)
        self._train(x, (y - self.mean_) / self.std_, weight, 1, held=held, stop=stop)

    def loss(self, output: Any, target: Any, **reduction: str) -> Any:
        """Return the squared error."""
        from mulle.nn import functional as F

        return F.mse_loss(output[:, 0], target, **reduction)

    def answer(self, output: Any) -> Any:
        """Return the output in the unit of the target."""
        return output * self.std_ + self.mean_

    def most_off(self) -> float:
        """Return a tenth of the share of a standard deviation that a proof allows."""
        return 1e-5 * self.std_


@contextmanager
def _blas_threads(count: int) -> Iterator[None]:
    """Limit the threads of the engine: in small products, threads mostly wait for each other."""
    from threadpoolctl import threadpool_limits

    from mulle.nn import parallel

    with threadpool_limits(count, user_api="blas"), parallel.limit(count):
        yield


def _target(y: Array, weight: Array | None) -> Array:
    """Return the target [N], or the target and weights of mean 1 side by side [N, 2]."""
    if weight is None:
        return np.asarray(y, np.float32)
    return np.column_stack([y, weight / weight.mean()]).astype(np.float32)


def _validation(held: Held | None, *, weighted: bool) -> tuple[Array, Array] | None:
    """Return the held rows in the form of the training rows."""
    if held is None:
        return None
    return held.x, _target(held.y, np.ones(len(held.y)) if weighted else None)


def _in_type(network: Any, kind: type) -> Any:
    """Return the network itself, its weights in another type and ready for inference alone."""
    for p in network.parameters():
        p.data, p.grad, p.slot = p.data.astype(kind), None, None
    return network
