"""One version that is watched: its rows are counted as they come, and compared when asked for."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from mulle.bundle import Model
from mulle.errors import MulleError
from mulle.graph import Array
from mulle.serve.models import Hosted
from mulle.serve.watching.folder import Folder, folder_of
from mulle.serve.watching.pieces import PIECES, Pieces, Total
from mulle.serve.watching.tap import Batch, Tap
from mulle.watch import Reference

Inputs = Mapping[str, Array]
BUSY = 0.02  # share of a core that counting may take; beyond it batches are left out
BURST = 0.2  # seconds that it may take at once, after a while of less
_LEAST = 0.01  # share of the batches that is counted all the same


class Watched:
    """The counts of one version.

    Args:
        hosted: the version.
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
        self, hosted: Hosted, state: Path, span: float, owner: str, wake: threading.Event
    ) -> None:
        self.hosted, self.span = hosted, span
        self.reference = Reference.of(hosted.model, hosted.name)
        self.tap = Tap(wake)
        self.trouble = ""
        self._pieces = Pieces(self.reference, span)
        self._folder = Folder(folder_of(state, hosted), owner, self.reference)
        self._counting, self._totalling = threading.Lock(), threading.Lock()
        self._unwritten: set[float] = set()
        self._counted_at, self._allowed = time.monotonic(), BURST

    def count(self) -> None:
        """Count what waits, unless that took too long lately; settle the share of what comes."""
        batches, answered, since = self.tap.taken()
        if not answered:
            return
        begun = time.thread_time()
        with self._counting:
            piece = self._pieces.at(since)
            piece.answered += answered
            self._unwritten.add(piece.start)
            if batches and self._allowed > 0:
                inputs, scores = _together(self.hosted.model, list(self.reference.columns), batches)
                answers = scores if self.reference.answers is not None else None
                piece.window.update(inputs, answers)
        self._settle(time.thread_time() - begun)

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

    def _settle(self, took: float) -> None:
        """Less of the batches while counting takes more than it may, more while it does not."""
        now = time.monotonic()
        passed, self._counted_at = now - self._counted_at, now
        self._allowed = min(self._allowed + BUSY * passed, BURST) - took
        share = self.tap.share * (0.5 if self._allowed < 0 else 1.2)
        self.tap.share = min(1.0, max(_LEAST, share))


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
