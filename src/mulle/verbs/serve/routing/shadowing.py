"""Comparing other versions with the one that answered, after its answer has left.

Rows wait in a short queue until the answer is on its way; a thread of its own runs the graph, then
rests, so that it takes no more of a core than the policy allows. What does not fit is dropped.
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
    from mulle.verbs.serve.routing.active import ActivePolicy
    from mulle.verbs.serve.service import Service

MAX_WAITING = 64  # rows in the queue
MAX_BATCH = 16  # rows of one run
DELAY = 0.002  # seconds until an answer is on its way
TIMED_EVERY = 8  # runs, of which one repeats the version that answered, to compare times
Sums = dict[str, float]
log = logging.getLogger("mulle.serve")


class AnsweredRow(NamedTuple):
    """A row with the answer it got."""

    active: ActivePolicy
    loaded: LoadedModel
    row: Mapping[str, Any]
    answer: Answer


class Shadows:
    """The queue of one process, and its sums since the last exchange.

    Args:
        service: the models that are compared.
    """

    def __init__(self, service: Service) -> None:
        self._service = service
        self._waiting: deque[AnsweredRow] = deque()
        self._woken = asyncio.Event()
        self._runs = 0
        self.found: dict[tuple[str, str], Sums] = {}  # by tag, and the version that answered
        self._rows = Counter(
            "model_shadow_rows", "Rows that another version answered in the shadow.",
            ["model", "version", "outcome"], registry=service.metrics.registry,
        )  # fmt: skip

    def add(
        self,
        active: ActivePolicy,
        loaded: LoadedModel,
        rows: Sequence[Any],
        answers: Sequence[Answer],
    ) -> None:
        """Queue rows to be compared; the caller does not wait."""
        room = MAX_WAITING - len(self._waiting)
        if room and isinstance(rows, Sequence):
            few = zip(rows[:room], answers[:room], strict=True)
            self._waiting.extend(AnsweredRow(active, loaded, row, answer) for row, answer in few)
            self._woken.set()
        else:
            room = 0
        if len(rows) > room:
            for tag, other in self._others(active, loaded):
                self._add(tag, loaded, other, {"dropped": len(rows) - room})

    async def keep_comparing(self) -> None:
        """Run, compare, rest, while the server runs."""
        thread = ThreadPoolExecutor(1, "shadow")
        loop = asyncio.get_running_loop()
        try:
            while True:
                await self._woken.wait()
                await asyncio.sleep(DELAY)
                some = self._next()
                if not some:
                    self._woken.clear()
                    continue
                begun = time.perf_counter()
                for tag, other, sums in await loop.run_in_executor(thread, self._compare, some):
                    self._add(tag, some[0].loaded, other, sums)
                took = time.perf_counter() - begun
                busy: float = getattr(some[0].active.policy, "busy", 1.0)
                await asyncio.sleep(took * (1 - busy) / busy)
        finally:
            thread.shutdown(wait=False)

    def take(self) -> dict[tuple[str, str], Sums]:
        """Return the sums since the last call, and begin anew."""
        found, self.found = self.found, {}
        return found

    def restore(self, found: Mapping[tuple[str, str], Sums]) -> None:
        """Add back sums that could not be stored."""
        for key, sums in found.items():
            mine = self.found.setdefault(key, {})
            for name, value in sums.items():
                mine[name] = mine.get(name, 0.0) + value

    def _next(self) -> list[AnsweredRow]:
        """Return rows of one version that can run together."""
        some: list[AnsweredRow] = []
        while self._waiting and len(some) < MAX_BATCH:
            first = some[0] if some else self._waiting[0]
            if self._waiting[0].loaded is not first.loaded:
                break
            some.append(self._waiting.popleft())
        return some

    def _others(self, active: ActivePolicy, loaded: LoadedModel) -> list[tuple[str, LoadedModel]]:
        """Return the tags and models of the versions that are compared."""
        versions = self._service.repository[active.model].versions
        return [
            (arm.tag.hex(), versions[arm.version])
            for arm in active.arms[1:]
            if arm and arm.version != loaded.version and arm.version in versions
        ]

    def _compare(self, some: list[AnsweredRow]) -> list[tuple[str, LoadedModel, Sums]]:
        """Run each other version once, in the thread; a failure is only counted."""
        active, loaded = some[0].active, some[0].loaded
        rows, own = [one.row for one in some], [one.answer for one in some]
        tolerance: float = getattr(active.policy, "tolerance", 0.0)
        self._runs += 1
        found: list[tuple[str, LoadedModel, Sums]] = []
        for tag, other in self._others(active, loaded):
            try:
                seconds, answers = _run_timed(other, rows)
                sums = _compare_answers(own, answers, loaded, other, tolerance)
                sums |= {"seconds": seconds, "timed": len(rows)}
                if self._runs % TIMED_EVERY == 1:
                    sums |= {"own_seconds": _run_timed(loaded, rows)[0], "own_timed": len(rows)}
            except Exception as error:  # the shadow's trouble is not the caller's
                log.debug("the shadow %s failed: %s", other.version, error)
                sums = {"failed": len(rows)}
            found.append((tag, other, sums))
        return found

    def _add(self, tag: str, loaded: LoadedModel, other: LoadedModel, sums: Sums) -> None:
        self.restore({(tag, loaded.version): sums})
        for outcome in ("agreed", "differed", "dropped", "failed"):
            if sums.get(outcome):
                self._rows.labels(loaded.name, other.version, outcome).inc(sums[outcome])


def _run_timed(loaded: LoadedModel, rows: list[Mapping[str, Any]]) -> tuple[float, list[Answer]]:
    begun = time.perf_counter()
    scores, codes = loaded.model.predict_arrays(loaded.model.inputs(rows))
    return time.perf_counter() - begun, loaded.to_answers(np.asarray(scores), codes)


def _compare_answers(
    own: list[Answer],
    others: list[Answer],
    loaded: LoadedModel,
    other: LoadedModel,
    tolerance: float,
) -> Sums:
    """Return the number of rows on which both agree, and sums of the gaps between their scores.

    The gap of a classifier is the largest of all classes; a class that a version does not know has
    the probability 0 there.
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
