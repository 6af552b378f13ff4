"""How many workers a fit has: none but itself where starting others costs more than it saves."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from mulle.verbs.fit.executor.base import Executor
from mulle.verbs.fit.executor.handover import write_training
from mulle.verbs.fit.executor.inline import Inline
from mulle.verbs.fit.executor.processes import Processes
from mulle.verbs.fit.memory import PROGRAM_BYTES
from mulle.verbs.fit.settings import Settings
from mulle.verbs.fit.validation import Training

_WORTH_SECONDS = 10.0  # a promise of less is over before workers have paid for their start
_WORTH_CELLS = 1_000_000  # of all counted trials together


@dataclass
class Workers:
    """The workers of a fit, which start while its table is read.

    Attributes:
        settings: of the run.
        processes: that were started; None where there are none.
    """

    settings: Settings
    processes: Processes | None = None

    @property
    def jobs(self) -> int:
        """How many cores the run may use."""
        from joblib import cpu_count

        return self.settings.n_jobs or int(cpu_count())

    def start(self) -> None:
        """Start processes where it is known already that they pay."""
        asked = self.settings.n_jobs > 1
        promised = self.settings.seconds or 0.0
        if self.jobs > 1 and (asked or promised >= _WORTH_SECONDS):
            self.processes = Processes(self.jobs)

    def place(self, training: Training, folder: Path, bytes_each: float) -> Executor:
        """Return where the tasks of a search are done.

        Args:
            training: the rows.
            folder: where they may be written for workers.
            bytes_each: of memory that the dearest plan takes in a worker, the rows included.
        """
        cells = len(training.y) * len(training.columns)
        if self.processes is None and self.jobs > 1 and self._trials * cells > _WORTH_CELLS:
            self.processes = Processes(self.jobs)
        if self.processes is None:
            return Inline(training)
        room = max(0.0, training.memory.left() - bytes_each)
        self.processes.keep(int(min(self.jobs, room // (PROGRAM_BYTES + bytes_each))))
        if self.processes.workers < 2:
            self.close()
            return Inline(training)
        limit = training.memory.limit
        limit = None if limit is None else int(room / self.processes.workers)
        write_training(training, folder, memory=limit)
        self.processes.folder = folder
        return self.processes

    @property
    def _trials(self) -> int:
        return self.settings.trials or 0

    def close(self) -> None:
        """End the processes, and remove what was written for them."""
        if self.processes is not None:
            self.processes.close()
            if self.processes.folder != Path():
                shutil.rmtree(self.processes.folder, ignore_errors=True)
        self.processes = None


@contextmanager
def begin_workers(settings: Settings) -> Iterator[Workers]:
    """Start the workers of a fit; none of them outlives the block."""
    workers = Workers(settings)
    try:
        workers.start()
        yield workers
    finally:
        workers.close()
