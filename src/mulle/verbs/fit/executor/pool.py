"""Workers that each do one task at a time, and are replaced when they die or are killed.

What a worker is, an executor's own module says: a process of this machine, or one of a cluster.
"""

from __future__ import annotations

import math
import time
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from mulle.errors import RunError
from mulle.verbs.fit.tasks import Done, Task

_LONGEST_REASON = 300  # letters
_LOOK_SECONDS = 0.1  # between two looks for a worker, where there is none


class WorkerLost(Exception):
    """A worker has ended before its task has."""


@dataclass
class Work:
    """A task in a worker's hand, and when it was handed over."""

    task: Task
    begun: float = field(default_factory=time.perf_counter)


class Worker(ABC):
    """A process somewhere that does one task at a time.

    Attributes:
        work: the task in hand.
        born: when it was asked to start.
        replaces: whether another one was there before it.
    """

    def __init__(self) -> None:
        self.work: Work | None = None
        self.born = time.perf_counter()
        self.replaces = False

    @property
    @abstractmethod
    def started(self) -> bool:
        """Whether it can work by now."""

    @abstractmethod
    def submit(self, task: Task) -> None:
        """Hand it a task."""

    @abstractmethod
    def has_ended(self) -> bool:
        """Return whether the task in hand has ended, well or not."""

    @abstractmethod
    def result(self) -> Done:
        """Return what the task in hand has come to.

        Raises:
            WorkerLost: the worker died at it.
            Exception: the task could not be done, and the worker lives.
        """

    @abstractmethod
    def end(self) -> None:
        """End the process, whatever it does."""


class Pool(ABC):
    """An executor of several workers.

    They start when it is made; tasks can be submitted once it has the training rows.

    Attributes:
        place: where it is, as a person names it.
        local: whether its workers share the memory and the cores of this machine.
        patience: seconds within which a worker starts; one that has not is not counted on.
    """

    place = ""
    local = True
    patience = math.inf

    def __init__(self, workers: Sequence[Worker] = ()) -> None:
        self.slots: list[Worker] = list(workers)
        self._begun = False  # whether any has ever started
        self._alive = time.perf_counter()  # when a worker was last seen

    @abstractmethod
    def start_worker(self) -> Worker | None:
        """Start another worker; None where they come by themselves."""

    @abstractmethod
    def wait_for(self, works: list[Worker], seconds: float) -> None:
        """Wait until one of these workers has ended its task, or for some seconds."""

    @abstractmethod
    def hand_over(self, folder: Path) -> None:
        """Give the workers the training rows that were written into a folder."""

    @property
    def workers(self) -> int:
        """How many tasks are done at a time; a worker that is replaced counts once it is back."""
        return max(1, sum(map(self._counts, self.slots)))

    def _counts(self, worker: Worker) -> bool:
        young = time.perf_counter() - worker.born < self.patience
        return worker.started or (young and not worker.replaces)

    @property
    def ready(self) -> bool:
        """Whether any worker has started; all of them begin to when this is made."""
        self._note_life()
        return self._begun

    def _note_life(self) -> None:
        if any(each.started for each in self.slots):
            self._begun, self._alive = True, time.perf_counter()

    @property
    def running(self) -> list[Task]:
        """The tasks in hand."""
        return [each.work.task for each in self.slots if each.work]

    def running_for(self) -> list[tuple[Task, float]]:
        """Return the tasks in hand, and for how many seconds each has been."""
        now = time.perf_counter()
        return [(each.work.task, now - each.work.begun) for each in self.slots if each.work]

    def submit(self, task: Task) -> None:
        """Hand a task to a worker that is free.

        Raises:
            RunError: there is none, and none comes.
        """
        while not (free := [each for each in self.slots if each.work is None]):
            time.sleep(_LOOK_SECONDS)
            self.look()
            self._check_life()
        worker = min(free, key=lambda each: not each.started)
        worker.submit(task)
        worker.work = Work(task)

    def wait(self, seconds: float) -> list[Done]:
        """Return tasks that have ended; a worker that died is replaced.

        Raises:
            RunError: all workers are gone, and none has come back.
        """
        self.look()
        busy = [each for each in self.slots if each.work]
        if busy:
            self.wait_for(busy, max(0.0, seconds))
        self._check_life()
        works = [(each, each.work) for each in busy if each.work]
        return [self._take(each, work) for each, work in works if self._is_over(each, work)]

    def look(self) -> None:  # noqa: B027
        """Take note of workers that have come or gone by themselves."""

    def _is_over(self, worker: Worker, work: Work) -> bool:
        """Return whether nothing more comes of a task: it has ended, or does not begin."""
        waited = time.perf_counter() - work.begun
        return worker.has_ended() or (waited > self.patience and not worker.started)

    def _take(self, worker: Worker, work: Work) -> Done:
        """Return what became of the task of a worker."""
        seconds = time.perf_counter() - work.begun
        worker.work = None
        try:
            if not worker.has_ended():
                raise WorkerLost(f"no start within {self.patience:g} s")
            return worker.result()
        except WorkerLost as error:
            self.replace(worker)
            return Done(work.task, None, "lost", str(error)[:_LONGEST_REASON], seconds)
        except Exception as error:  # not the task's, but the worker lives
            reason = f"{type(error).__name__}: {error}"[:_LONGEST_REASON]
            return Done(work.task, None, "failed", reason, seconds)

    def _check_life(self) -> None:
        """Refuse to wait any longer for a cluster of which nothing is left.

        Raises:
            RunError: no worker has been there for too long.
        """
        self._note_life()
        if time.perf_counter() - self._alive > self.patience:
            raise RunError("cluster-lost", where=self.place)

    def kill(self, task: Task) -> None:
        """End a task with its worker; another worker takes its place."""
        for each in list(self.slots):
            if each.work and each.work.task is task:
                self.replace(each)

    def replace(self, worker: Worker) -> None:
        """End a worker, and start another in its place."""
        at = self.slots.index(worker)
        worker.work = None
        worker.end()
        other = self.start_worker()
        if other is None:
            del self.slots[at]
            return
        other.replaces = True
        self.slots[at] = other

    def keep(self, count: int) -> None:
        """End workers beyond so many, before there is work."""
        for each in self.slots[count:]:
            each.end()
        del self.slots[count:]

    def close(self) -> None:
        """End all workers, whatever they do."""
        for each in self.slots:
            each.work = None
            each.end()
