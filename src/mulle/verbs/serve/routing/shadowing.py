"""Asking other versions what one version has answered already, and adding up how they compare.

Rows wait in a short queue until the answer is on its way; a thread of its own runs the graph, then
rests, so that it takes no more of a core than the rule allows. What does not fit is dropped.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections import deque
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from prometheus_client import Counter

from mulle.verbs.serve.models import Answer, LoadedModel

if TYPE_CHECKING:
    from mulle.verbs.serve.routing.running import Running
    from mulle.verbs.serve.service import Service

WAITING = 64  # rows
TOGETHER = 16  # rows of one run
_AFTER = 0.002  # seconds that an answer is given to be on its way
_TIMED = 8  # of so many runs, one is made with the version that answered too, to compare times
Sums = dict[str, float]
log = logging.getLogger("mulle.verbs.serve.routing")


class Asked(NamedTuple):
    """A row that was answered."""

    running: Running
    loaded: LoadedModel
    row: Mapping[str, Any]
    answer: Answer


class Shadows:
    """The queue of one process, and what it found since the last exchange.

    Args:
        service: whose models are compared.
    """

    def __init__(self, service: Service) -> None:
        self._service = service
        self._waiting: deque[Asked] = deque()
        self._woken = asyncio.Event()
        self._runs = 0
        self.found: dict[tuple[str, str], Sums] = {}  # by tag, and the version that answered
        self._rows = Counter(
            "model_shadow_rows", "Rows asked again of another version.",
            ["model", "version", "outcome"], registry=service.metrics.registry,
        )  # fmt: skip

    def note(
        self, running: Running, loaded: LoadedModel, rows: Sequence[Any], answers: Sequence[Answer]
    ) -> None:
        """Let rows be asked again; the caller is not kept waiting."""
        room = WAITING - len(self._waiting)
        if room and isinstance(rows, Sequence):
            few = zip(rows[:room], answers[:room], strict=True)
            self._waiting.extend(Asked(running, loaded, row, answer) for row, answer in few)
            self._woken.set()
        else:
            room = 0
        if len(rows) > room:
            for tag, other in self._others(running, loaded):
                self._add(tag, loaded, other, {"dropped": len(rows) - room})

    async def keep_comparing(self) -> None:
        """Ask, compare, rest; for as long as the server runs."""
        thread = ThreadPoolExecutor(1, "shadow")
        loop = asyncio.get_running_loop()
        try:
            while True:
                await self._woken.wait()
                await asyncio.sleep(_AFTER)
                some = self._next()
                if not some:
                    self._woken.clear()
                    continue
                begun = time.perf_counter()
                for tag, other, sums in await loop.run_in_executor(thread, self._compare, some):
                    self._add(tag, some[0].loaded, other, sums)
                took = time.perf_counter() - begun
                busy: float = getattr(some[0].running.rule, "busy", 1.0)
                await asyncio.sleep(took * (1 - busy) / busy)
        finally:
            thread.shutdown(wait=False)

    def taken(self) -> dict[tuple[str, str], Sums]:
        """What was found since this was asked last."""
        found, self.found = self.found, {}
        return found

    def untaken(self, found: Mapping[tuple[str, str], Sums]) -> None:
        """Take back what could not be handed over."""
        for key, sums in found.items():
            mine = self.found.setdefault(key, {})
            for name, value in sums.items():
                mine[name] = mine.get(name, 0.0) + value

    def _next(self) -> list[Asked]:
        """Rows of one model that can be asked together."""
        some: list[Asked] = []
        while self._waiting and len(some) < TOGETHER:
            first = some[0] if some else self._waiting[0]
            if self._waiting[0].loaded is not first.loaded:
                break
            some.append(self._waiting.popleft())
        return some

    def _others(self, running: Running, loaded: LoadedModel) -> list[tuple[str, LoadedModel]]:
        """The tags and models of those that are asked again."""
        versions = self._service.repository[running.model].versions
        return [
            (arm.tag.hex(), versions[arm.version])
            for arm in running.arms[1:]
            if arm and arm.version != loaded.version and arm.version in versions
        ]

    def _compare(self, some: list[Asked]) -> list[tuple[str, LoadedModel, Sums]]:
        """In the thread: one run of each other version, each failure counted and no more."""
        running, loaded = some[0].running, some[0].loaded
        rows, own = [asked.row for asked in some], [asked.answer for asked in some]
        tolerance: float = getattr(running.rule, "tolerance", 0.0)
        self._runs += 1
        found: list[tuple[str, LoadedModel, Sums]] = []
        for tag, other in self._others(running, loaded):
            try:
                seconds, answers = _timed(other, rows)
                sums = _compared(own, answers, loaded, other, tolerance)
                sums |= {"seconds": seconds, "timed": len(rows)}
                if self._runs % _TIMED == 1:
                    sums |= {"own_seconds": _timed(loaded, rows)[0], "own_timed": len(rows)}
            except Exception as error:  # the shadow's trouble is not the caller's
                log.debug("the shadow %s failed: %s", other.version, error)
                sums = {"failed": len(rows)}
            found.append((tag, other, sums))
        return found

    def _add(self, tag: str, loaded: LoadedModel, other: LoadedModel, sums: Sums) -> None:
        self.untaken({(tag, loaded.version): sums})
        for outcome in ("agreed", "differed", "dropped", "failed"):
            if sums.get(outcome):
                self._rows.labels(loaded.name, other.version, outcome).inc(sums[outcome])


def _timed(loaded: LoadedModel, rows: list[Mapping[str, Any]]) -> tuple[float, list[Answer]]:
    begun = time.perf_counter()
    scores, codes = loaded.model.answer(loaded.model.inputs(rows))
    return time.perf_counter() - begun, loaded.to_answers(np.asarray(scores), codes)


def _compared(
    own: list[Answer],
    others: list[Answer],
    loaded: LoadedModel,
    other: LoadedModel,
    tolerance: float,
) -> Sums:
    """Rows on which both agree, and the sums of how far their scores are apart.

    Of a classifier the distance is the largest of all classes'; one that a version does not know
    has the probability 0 there.
    """
    agreed, gaps = 0, []
    for mine, theirs in zip(own, others, strict=True):
        if mine.label is None:
            gaps.append(abs(mine.scores[0] - theirs.scores[0]))
            agreed += gaps[-1] <= tolerance
        else:
            a = dict(zip(loaded.label_names, mine.scores, strict=True))
            b = dict(zip(other.label_names, theirs.scores, strict=True))
            gaps.append(max(abs(a.get(label, 0.0) - b.get(label, 0.0)) for label in a | b))
            agreed += mine.label == theirs.label
    return {
        "agreed": agreed,
        "differed": len(own) - agreed,
        "gap": float(np.sum(gaps)),
        "gap_squares": float(np.square(gaps).sum()),
    }
