"""Training small dense networks: a step against PyTorch, a fit against scikit-learn and Keras.

Steps: the same network, weights and batch; first it is asserted that loss and weights agree after
three steps, then steps are taken in turns, and medians compared. PyTorch is eager, with its
fused Adam, and two threads as OpenBLAS has here. Fits: `nn.train` against `MLPClassifier.fit`
(same widths, batch size, epochs, learning rate) and `keras.Model.fit` on PyTorch where Keras is
installed; whole calls in turns, median.

OpenBLAS chooses its kernels by the processor when NumPy is loaded, and `as_command` before that
corrects the choice where others are faster (`mulle/kernels.py`); OPENBLAS_CORETYPE, if set, stands.

    pip install ".[test]"
    OMP_NUM_THREADS=2 python benchmarks/nn_mlp.py [steps | wide | fits]
"""

from __future__ import annotations

import importlib.util
import os
import sys
import warnings
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import as_command  # noqa: F401 - before NumPy

# isort: split
import numpy as np
from common import header
from nn_common import in_turns

from mulle import nn

STEPS, FITS = 300, 5
WIDE_ALONE = 2  # of the cases: `wide` takes the steps of the wide perceptron and nothing else
CASES = [
    ((20, 64, 64, 2), 32, 3.0),
    ((20, 64, 64, 2), 256, 1.8),
    ((784, 256, 128, 10), 64, 1.2),
    ((784, 256, 128, 10), 512, 1.2),
]
FIT_CASES = [((20, 64, 64, 2), 32, 6_400), ((784, 256, 128, 10), 64, 6_400),
             ((784, 256, 128, 10), 512, 10_240)]  # fmt: skip
EPOCHS = 3


def network(sizes: tuple[int, ...]) -> nn.Sequential:
    nn.manual_seed(0)
    layers: list[nn.Module] = []
    for i, (a, b) in enumerate(pairwise(sizes)):
        layers += [nn.ReLU()] * (i > 0) + [nn.Linear(a, b)]
    return nn.Sequential(*layers)


def rows(sizes: tuple[int, ...], n: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    x = rng.normal(size=(n, sizes[0])).astype(np.float32)
    return x, (x[:, : sizes[-1]]).argmax(axis=1).astype(np.int64)


def steps_of(sizes: tuple[int, ...], batch: int) -> tuple[Callable[[], float], ...]:
    """A step of ours and one of PyTorch's, from the same weights."""
    import torch

    x, y = rows(sizes, batch)
    net = network(sizes)
    layers: list[Any] = []
    for i, (a, b) in enumerate(pairwise(sizes)):
        layers += [torch.nn.ReLU()] * (i > 0) + [torch.nn.Linear(a, b)]
    peer = torch.nn.Sequential(*layers)
    peer.load_state_dict({k: torch.tensor(v) for k, v in net.state_dict().items()})
    adam, fused = nn.optim.Adam(net.parameters()), torch.optim.Adam(peer.parameters(), fused=True)
    X, tx, ty = nn.Tensor(x), torch.tensor(x), torch.tensor(y)

    def ours() -> float:
        adam.zero_grad()
        loss = nn.functional.cross_entropy(net(X), y)
        loss.backward()
        adam.step()
        return loss.item()

    def theirs() -> float:
        fused.zero_grad()
        loss = torch.nn.functional.cross_entropy(peer(tx), ty)
        loss.backward()
        fused.step()
        return float(loss.item())

    for _ in range(3):
        assert abs(ours() - theirs()) < 1e-5
    for name, value in net.state_dict().items():
        np.testing.assert_allclose(value, peer.state_dict()[name].numpy(), rtol=1e-3, atol=1e-5)
    return ours, theirs


def against_torch() -> None:
    import torch

    torch.set_num_threads(2)
    print(f"{'a step':<32}{'ours us':>9}{'torch us':>10}{'ratio':>8}{'aim':>6}")
    for sizes, batch, aim in CASES[WIDE_ALONE:] if "wide" in sys.argv else CASES:
        ours, theirs = steps_of(sizes, batch)
        with nn.keep_pages():
            a, b = in_turns(ours, theirs, least=STEPS)
        label = f"{'-'.join(map(str, sizes))} batch {batch}"
        print(f"{label:<32}{a * 1e6:>9.0f}{b * 1e6:>10.0f}{b / a:>8.2f}{aim:>6.1f}")


def sklearn_fit(sizes: tuple[int, ...], batch: int, data: Any) -> Callable[[], Any]:
    from sklearn.neural_network import MLPClassifier

    def fit() -> Any:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # that three epochs are not enough
            return MLPClassifier(
                sizes[1:-1], batch_size=batch, max_iter=EPOCHS, alpha=0.0, tol=0.0, random_state=0
            ).fit(*data)

    return fit


def keras_fit(sizes: tuple[int, ...], batch: int, data: Any) -> Callable[[], Any]:
    import keras

    def fit() -> Any:
        layers = [keras.layers.Dense(n, "relu") for n in sizes[1:-1]]
        model = keras.Sequential([keras.Input((sizes[0],)), *layers, keras.layers.Dense(sizes[-1])])
        loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
        model.compile("adam", loss)
        return model.fit(*data, batch_size=batch, epochs=EPOCHS, verbose=0)

    return fit


def our_fit(sizes: tuple[int, ...], batch: int, data: Any) -> Callable[[], Any]:
    def fit() -> Any:
        return nn.train(
            network(sizes), data, loss="cross_entropy", epochs=EPOCHS, batch_size=batch,
            random_state=0, progress=False,
        )  # fmt: skip

    return fit


def against_fits() -> None:
    peers = {"scikit-learn": sklearn_fit}
    if importlib.util.find_spec("keras"):
        peers["keras on torch"] = keras_fit
    else:
        print("\nkeras is not installed: skipped")
    print(f"\n{f'{EPOCHS} epochs':<32}{'ours ms':>9}" + "".join(f"{p:>20}" for p in peers))
    for sizes, batch, n in FIT_CASES:
        data = rows(sizes, n)
        fits = [make(sizes, batch, data) for make in (our_fit, *peers.values())]
        ours, theirs = fits[0](), fits[1]()
        assert abs(ours.epochs[-1].loss - theirs.loss_) < 0.2 * ours.epochs[0].loss
        a, *others = in_turns(*fits, least=FITS)
        label = f"{'-'.join(map(str, sizes))} batch {batch}"
        said = "".join(f"{b * 1e3:>10.0f} ms {b / a:>5.1f}x" for b in others)
        print(f"{label:<32}{a * 1e3:>9.0f}{said}")


if __name__ == "__main__":
    os.environ.setdefault("KERAS_BACKEND", "torch")
    header("Training dense networks: NumPy against PyTorch, scikit-learn and Keras",
           "numpy", "torch", "scikit-learn", "keras")  # fmt: skip
    print(f"OPENBLAS_CORETYPE {os.environ.get('OPENBLAS_CORETYPE', 'not set')}\n")
    if "fits" not in sys.argv:
        against_torch()
    if not {"steps", "wide"} & set(sys.argv):
        against_fits()
