"""MNIST in NumPy: a small CNN learns to tell digits apart, and the same in PyTorch beside it.

The 10,000 test images of MNIST, of which 8,000 (drawn with seed 0) are learned from and 2,000 are
not. Two 3x3 convolutions of 16 and 32 channels, each with ReLU and pooling, then a dense layer;
Adam under a one-cycle schedule, batches of 64. Both engines begin with the same weights and see
the same batches; PyTorch runs the same model by its own operations and optimizer.

    pip install . torch
    MULLE_DATA=... python benchmarks/nn_mnist.py
"""

from __future__ import annotations

import gzip
import time

import numpy as np
from common import header, tables

from mulle import nn
from mulle.nn import networks
from mulle.nn.tensor import as_numpy

EPOCHS, BATCH, RATE = 8, 64, 3e-3
AIM = 0.975


def mnist() -> tuple[np.ndarray, np.ndarray]:
    """Images (10000, 1, 28, 28) between 0 and 1, and digits."""
    folder = tables().parent / "images"
    with gzip.open(folder / "mnist-t10k-images-idx3-ubyte.gz") as file:
        pixels = np.frombuffer(file.read(), np.uint8, offset=16)
    with gzip.open(folder / "mnist-t10k-labels-idx1-ubyte.gz") as file:
        digits = np.frombuffer(file.read(), np.uint8, offset=8)
    return (pixels.reshape(-1, 1, 28, 28) / 255).astype(np.float32), digits.astype(np.int64)


def clocks() -> np.ndarray:
    """Seconds of the wall clock and of the processor: the second is told less by a busy machine."""
    return np.array([time.perf_counter(), time.process_time()])


def accuracy(model: nn.Module, x: np.ndarray, y: np.ndarray) -> float:
    with nn.no_grad():
        found = [as_numpy(model(nn.Tensor(part))).argmax(1) for part in np.array_split(x, 8)]
    return float((np.concatenate(found) == y).mean())


def trained(device: str, x: np.ndarray, y: np.ndarray) -> tuple[nn.Module, np.ndarray, nn.History]:
    """The model, the seconds it took, and how it went."""
    nn.manual_seed(0)
    model = networks.CNN().to(device)
    begin = clocks()
    history = nn.train(
        model, (x, y), loss="cross_entropy", lr=RATE, schedule="one-cycle", epochs=EPOCHS,
        batch_size=BATCH, random_state=1, progress=False, diagnosing=False,
    )  # fmt: skip
    return model.to("numpy"), clocks() - begin, history


def main() -> None:
    header("A CNN on 8,000 digits, in NumPy and in PyTorch", "numpy", "torch")
    x, y = mnist()
    order = np.random.default_rng(0).permutation(len(x))
    learn, judge = order[:8000], order[8000:]
    seconds = {}
    for device in ("numpy", "torch"):
        model, seconds[device], history = trained(device, x[learn], y[learn])
        losses = " ".join(f"{epoch.loss:.3f}" for epoch in history.epochs)
        found = accuracy(model, x[judge], y[judge])
        wall, processor = seconds[device]
        print(f"{device:5}  accuracy {found:.4f} after {len(history.losses):,} steps  "
              f"{wall:.1f} s, {processor:.1f} s of the processor")  # fmt: skip
        print(f"       loss of each epoch {losses}")
        assert found >= AIM, f"{found} is below {AIM}"
    wall, processor = seconds["torch"] / seconds["numpy"]
    print(f"PyTorch takes {wall:.2f} times as long, {processor:.2f} times the processor.")


if __name__ == "__main__":
    main()
