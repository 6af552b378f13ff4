"""Whether the interval of an estimate without labels holds the score, over many models.

The interval of one model has one calibration, of held-out rows that were lucky or not; so windows
of one model err together. Here each block has a model of its own, fitted on rows of its own, and
each window held-out rows of its own, as many as a fit sets aside.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np
from watch_windows import Case, Found, answered, fit
from watch_worlds import WORLDS

WINDOWS = 25  # of a block: of one model
HELD_OUT = 0.2  # of the rows that a model is fitted on, as a fit sets them aside


def run_refits(case: Case, windows: int, folder: Path, found: Found) -> None:
    """Estimate the score in the windows that a case lacks, block by block."""
    while (left := windows - found.windows(case)) > 0:
        found.add(case, _block(case, min(WINDOWS, left), found.blocks[case], folder))


def _block(case: Case, windows: int, block: int, folder: Path) -> Counter[str]:
    from mulle.metrics import metric as named
    from mulle.profile import Answers
    from mulle.verbs.watch import estimated

    world = next(w for w in WORLDS if w.name == case.model)
    fitted = fit(world, folder / str(block), seed=1 + block)
    held_out, rng = int(HELD_OUT * world.rows), np.random.default_rng([block, case.rows])
    counts: Counter[str] = Counter(windows=windows)
    for _ in range(windows):
        _, predictions, y = answered(fitted, None, rng, held_out + case.rows)
        before, now = np.arange(held_out), np.arange(held_out, held_out + case.rows)
        known, new = predictions.take(before), predictions.take(now)
        reference = Answers.of(known.scores, known.codes, y[before])
        guesses = estimated(reference, Answers.of(new.scores, new.codes))
        for guess in guesses:
            if guess.low is not None and guess.high is not None:
                real = named(guess.metric).score(y[now], new)
                counts["estimates"] += 1
                counts["inside"] += guess.low <= real <= guess.high
        counts["estimate"] += any(guess.status == "worse" for guess in guesses)
    return counts
