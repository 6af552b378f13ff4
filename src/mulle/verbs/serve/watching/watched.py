"""One version that is watched: its rows are counted as they come, and compared when asked for."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from mulle.arrays import Array
from mulle.bundle import Model
from mulle.errors import MulleError
from mulle.verbs.serve.models import LoadedModel
from mulle.verbs.serve.watching.folder import Folder, folder_of
from mulle.verbs.serve.watching.pieces import PIECES, Pieces, Total
from mulle.verbs.serve.watching.tap import Batch, Tap
from mulle.verbs.watch import Reference

Inputs = Mapping[str, Array]
BUSY = 0.005  # share of a core that counting may take; beyond it batches are left out
BURST = 0.02  # seconds that it may take at once, after a while of less


class Watched:
    """The counts of one version.

    Args:
        loaded: the version.
        state: the folder of the server's state.
        span: seconds that a verdict looks back.
        owner: of this process's files.
        wake: set when there is enough to count.

    Attributes:
        reference: what its rows are compared with.
        tap: where its batches are put aside.
        trouble: why the counts cannot be shared, if so.

    Raises:
        BundleError: what the bundle carries is damaged.
    """

    def __init__(
        self, loaded: LoadedModel, state: Path, span: float, owner: str, wake: threading.Event
    ) -> None:
        self.loaded, self.span = loaded, span
        self.reference = Reference.of(loaded.model, loaded.name)
        self.tap = Tap(wake)
        self.trouble = ""
        self._pieces = Pieces(self.reference, span)
        self._folder = Folder(folder_of(state, loaded), owner, self.reference)
        self._counting, self._totalling = threading.Lock(), threading.Lock()
        self._unwritten: set[float] = set()
        self._counted_at, self._allowed = time.monotonic(), BURST
        self._cost = 0.0  # seconds of a row, as a moving average

    def count(self) -> None:
        """Count what waits, unless that took too long lately; settle the share of what comes."""
        with self._counting:
            batches, answered, since = self.tap.taken()
            if not answered:
                return
            piece = self._pieces.at(since)
            piece.answered += answered
            self._unwritten.add(piece.start)
            begun, before = time.thread_time(), piece.window.rows
            if batches and self._allowed > 0:
                inputs, scores = _together(self.loaded.model, list(self.reference.columns), batches)
                answers = scores if self.reference.answers is not None else None
                piece.window.update(inputs, answers)
            self._settle(answered, piece.window.rows - before, time.thread_time() - begun)

    def share(self) -> None:
        """Write what was counted here for the other processes, and for the next start."""
        with self._counting:
            some = [self._pieces.all[s] for s in self._unwritten if s in self._pieces.all]
            written = [(piece.start, piece.to_bytes()) for piece in some]
            self._unwritten.clear()
        try:
            for start, data in written:
                self._folder.write(start, data)
            self.trouble = ""
        except MulleError as error:
            self.trouble = error.what
            self._unwritten.update(start for start, _ in written)

    def total(self) -> Total:
        """The rows of the span, of all processes."""
        since = time.time() - self.span - self.span / PIECES
        with self._totalling:
            others = self._folder.others(since)
            with self._counting:
                own = [piece for piece in self._pieces.all.values() if piece.start > since]
                return Total(self.reference, [*own, *others])

    def _settle(self, answered: int, counted: int, took: float) -> None:
        """All that comes while there is something to spare; else as much as keeps to the share."""
        now = time.monotonic()
        passed, self._counted_at = now - self._counted_at, now
        self._allowed = min(self._allowed + BUSY * passed, BURST) - took
        if counted:
            self._cost += (took / counted - self._cost) * (0.2 if self._cost else 1.0)
        whole = self._cost * answered / max(passed, 1e-3)  # of a core, were all of them counted
        spare = self._allowed > BURST / 2 or whole <= BUSY
        self.tap.share = 1.0 if spare else BUSY / whole


def _together(model: Model, names: list[str], batches: list[Batch]) -> tuple[Inputs, Array]:
    """Batches below each other: what was counted one by one would take ten times as long."""
    alone: list[Batch] = []
    parts: list[Batch] = []
    for batch in batches:
        (parts if isinstance(batch[0][names[0]], np.ndarray) else alone).append(batch)
    if alone:
        packed = model.pack([cells for cells, _ in alone])
        parts.append((packed, np.concatenate([scores for _, scores in alone])))
    if len(parts) == 1:
        return parts[0]
    inputs = {name: np.concatenate([arrays[name] for arrays, _ in parts]) for name in names}
    return inputs, np.concatenate([scores for _, scores in parts])
