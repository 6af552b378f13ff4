"""What the benchmarks of training share: the same step in this engine and in PyTorch, in turns."""

from __future__ import annotations

import os
import statistics
import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from common import header

from mulle import nn
from mulle.nn import functional as F
from mulle.nn.tensor import as_numpy

THREADS = int(os.environ.get("OMP_NUM_THREADS", "2"))  # OpenBLAS reads it too
SETTLING, MEASURED = 0.15, 0.15  # seconds of a turn


class Race:
    """The same network on the same data in both engines, each with Adam.

    Args:
        ours: a network of this engine.
        theirs: the same in PyTorch; it gets the weights of ours.
        x: inputs.
        y: class ids, one for each row of the logits.
    """

    def __init__(self, ours: Any, theirs: Any, x: np.ndarray, y: np.ndarray) -> None:
        torch.set_num_threads(THREADS)
        theirs.load_state_dict({k: torch.from_numpy(v) for k, v in ours.state_dict().items()})
        self.ours, self.theirs, self.x, self.y = ours, theirs, x, y
        self.adam = nn.optim.Adam(ours.parameters())
        self.fused_adam = torch.optim.Adam(theirs.parameters(), fused=True)
        self.tensors = torch.from_numpy(x), torch.from_numpy(y)

    def our_step(self) -> Any:
        """One step here."""
        self.adam.zero_grad()
        loss = F.cross_entropy(self.ours(nn.Tensor(self.x)), self.y)
        loss.backward()
        self.adam.step()
        return loss

    def their_step(self) -> Any:
        """One step in PyTorch."""
        x, y = self.tensors
        self.fused_adam.zero_grad()
        loss = torch.nn.functional.cross_entropy(self.theirs(x), y)
        loss.backward()
        self.fused_adam.step()
        return loss

    def check(self) -> None:
        """One step computes the same: loss, gradients, weights."""
        a, b = self.our_step(), self.their_step()
        np.testing.assert_allclose(a.item(), b.item(), rtol=1e-5)
        peers = dict(self.theirs.named_parameters())
        for name, p in self.ours.named_parameters():
            g = as_numpy(peers[name].grad)
            np.testing.assert_allclose(p.grad, g, rtol=1e-3, atol=1e-4 * abs(g).max(), err_msg=name)
            clear = abs(g) > 1e-4  # Adam's first step is the sign of the gradient
            near = np.isclose(p.data, as_numpy(peers[name]), rtol=1e-4, atol=1e-6)
            assert near[clear].all(), f"{name} differs after one step"

    def run(self, steps: int) -> tuple[float, float]:
        """Median seconds of a step, ours and PyTorch's."""
        ours, theirs = in_turns(self.our_step, self.their_step, least=steps)
        return ours, theirs


def in_turns(*functions: Callable[[], Any], least: int) -> list[float]:
    """Median seconds of each, from so many calls at least.

    The threads of one library go on waiting for work, at full speed, for a while after its turn:
    so the first part of each turn does not count.
    """
    taken: list[list[float]] = [[] for _ in functions]
    while min(map(len, taken)) < least:
        for function, seconds in zip(functions, taken, strict=True):
            began = now = time.perf_counter()
            known = len(seconds)
            while now - began < SETTLING + MEASURED or len(seconds) == known:
                function()
                before, now = now, time.perf_counter()
                if before - began >= SETTLING:
                    seconds.append(now - before)
    return [statistics.median(s) for s in taken]


def report(claim: str, race: Race, steps: int, aim: float) -> None:
    """Check, run and print; `--quick` takes a fifth of the steps."""
    steps = steps // 5 if "--quick" in sys.argv else steps
    header(f"{claim}, {THREADS} threads", "numpy", "torch")
    race.check()
    with nn.keep_pages():
        ours, theirs = race.run(steps)
    print(f"{'engine':<8}{'ms a step':>12}")
    print(f"{'mulle':<8}{ours * 1e3:>12.2f}")
    print(f"{'torch':<8}{theirs * 1e3:>12.2f}")
    print(f"\nratio {theirs / ours:.2f} (torch's time / ours; the aim is {aim})")
