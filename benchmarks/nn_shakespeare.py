"""Tiny Shakespeare, character by character: a GPT in NumPy, and the same in PyTorch beside it.

Four blocks of width 128 with four heads, 64 characters of context, 0.8 million parameters; AdamW
with warm-up and a cosine, batches of 16 windows drawn at random from the first 90 % of the text.
The loss is that of all windows of the last 10 %: 1.77 after 2,000 steps. Both engines begin with
the same weights and see the same batches; PyTorch runs the same model by its own operations and
optimizer.

    pip install . torch
    MULLE_DATA=... python benchmarks/nn_shakespeare.py [steps]
"""

from __future__ import annotations

import sys
import time
from functools import partial

import numpy as np
from common import header, tables

from mulle import nn
from mulle.nn import networks
from mulle.nn.optim import AdamW
from mulle.nn.schedules import Cosine, WarmUp
from mulle.nn.tensor import as_numpy

BLOCK, BATCH, RATE, WARM = 64, 16, 2e-3, 100
STEPS = int(sys.argv[1]) if len(sys.argv) > 1 else 2000


def windows(ids: np.ndarray, starts: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """What is read and what comes next: (n, BLOCK) each."""
    places = starts[:, None] + np.arange(BLOCK)
    return ids[places], ids[places + 1]


def clocks() -> np.ndarray:
    """Seconds of the wall clock and of the processor: the second is told less by a busy machine."""
    return np.array([time.perf_counter(), time.process_time()])


def loss_on(model: networks.GPT, x: np.ndarray, y: np.ndarray) -> float:
    with nn.no_grad():
        parts = zip(np.array_split(x, 40), np.array_split(y, 40), strict=True)
        losses = [float(as_numpy(model.loss(model(a), b))) * len(a) for a, b in parts]
    return sum(losses) / len(x)


def trained(
    device: str, data: tuple[np.ndarray, np.ndarray], n_characters: int
) -> tuple[networks.GPT, np.ndarray, nn.History]:
    """The model, the seconds it took, and how it went."""
    nn.manual_seed(0)
    model = networks.GPT(n_characters, BLOCK, n_layer=4, n_head=4, n_embd=128).to(device)
    begin = clocks()
    history = nn.train(
        model, data, loss=model.loss, epochs=1, batch_size=BATCH, clip_norm=1.0,
        optimizer=partial(AdamW, lr=RATE, betas=(0.9, 0.99), weight_decay=0.1),
        schedule=WarmUp(WARM, Cosine(STEPS - WARM, 0.1)), random_state=1,
        progress=False, diagnosing=False,
    )  # fmt: skip
    return model.to("numpy"), clocks() - begin, history


def main() -> None:
    header("A character GPT on Tiny Shakespeare, in NumPy and in PyTorch", "numpy", "torch")
    text = (tables().parent / "text" / "tinyshakespeare.txt").read_text(encoding="utf-8")
    tokenizer = networks.CharTokenizer(text)
    ids = tokenizer.encode(text)
    border = len(ids) * 9 // 10
    starts = np.random.default_rng(0).integers(border - BLOCK, size=STEPS * BATCH)
    data = windows(ids[:border], starts)
    held_out = windows(ids[border:], np.arange(0, len(ids) - border - BLOCK - 1, BLOCK))

    seconds, losses = {}, {}
    for device in ("numpy", "torch"):
        model, seconds[device], history = trained(device, data, len(tokenizer))
        losses[device] = loss_on(model, *held_out)
        wall, processor = seconds[device]
        print(f"{device:5}  validation loss {losses[device]:.4f} after {STEPS:,} steps  "
              f"{wall:.1f} s, {processor:.1f} s of the processor")  # fmt: skip
        curve = [np.mean(part) for part in np.array_split(history.losses, 12)]
        print("       training loss, mean of each twelfth " + " ".join(f"{v:.3f}" for v in curve))
        if device == "numpy":
            nn.manual_seed(0)
            begin = tokenizer.encode("ROMEO:\n")[None]
            said = tokenizer.decode(model.generate(begin, 240, temperature=0.8, top_p=0.95)[0])
            print("\n" + "\n".join(f"       | {line}" for line in said.splitlines()) + "\n")
    wall, processor = seconds["torch"] / seconds["numpy"]
    print(f"PyTorch takes {wall:.2f} times as long, {processor:.2f} times the processor.")
    assert abs(losses["numpy"] - losses["torch"]) < 0.05, losses


if __name__ == "__main__":
    main()
