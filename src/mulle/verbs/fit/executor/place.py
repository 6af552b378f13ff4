"""How many workers a fit has: none but itself where starting others costs more than it saves."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from mulle.errors import RunError
from mulle.verbs.fit.cluster_address import read_address
from mulle.verbs.fit.executor.base import Executor
from mulle.verbs.fit.executor.clusters import ENGINES
from mulle.verbs.fit.executor.handover import write_training
from mulle.verbs.fit.executor.inline import Inline
from mulle.verbs.fit.executor.pool import Pool
from mulle.verbs.fit.executor.processes import Processes
from mulle.verbs.fit.memory import PROGRAM_BYTES
from mulle.verbs.fit.settings import Settings
from mulle.verbs.fit.validation import Training

_WORTH_SECONDS = 10.0  # a promise of less is over before workers have paid for their start
_WORTH_CELLS = 1_000_000  # of all counted trials together
_LOOK_SECONDS = 0.05  # between two looks at whether a worker has started


@dataclass
class Workers:
    """The workers of a fit, which start while its table is read.

    Attributes:
        settings: of the run.
        pool: that was started; None where there is none.
    """

    settings: Settings
    pool: Pool | None = None
    _folder: Path | None = field(default=None, init=False)  # with what was written for them

    @property
    def jobs(self) -> int:
        """How many cores the run may use."""
        from joblib import cpu_count

        return self.settings.n_jobs or int(cpu_count())

    def start(self) -> None:
        """Connect to the cluster that was named; else start processes where they surely pay.

        Raises:
            MulleError: the cluster is not there, or cannot do this work.
        """
        address = read_address(self.settings.on)
        asked = self.settings.n_jobs > 1
        promised = self.settings.seconds or 0.0
        if address is not None:
            most = self.jobs if address.is_started else self.settings.n_jobs
            self.pool = ENGINES[address.engine].connect(address, most)
        elif self.jobs > 1 and (asked or promised >= _WORTH_SECONDS):
            self.pool = Processes(self.jobs)

    def place(self, training: Training, folder: Path, bytes_each: float) -> Executor:
        """Return where the tasks of a search are done.

        Args:
            training: the rows.
            folder: where they may be written for workers.
            bytes_each: of memory that the dearest plan takes in a worker, the rows included.

        Raises:
            RunError: no worker of a cluster has come.
        """
        cells = len(training.y) * len(training.columns)
        if self.pool is None and self.jobs > 1 and self._trials * cells > _WORTH_CELLS:
            self.pool = Processes(self.jobs)
        if self.pool is None:
            return Inline(training)
        memory = None
        if self.pool.local:
            room = max(0.0, training.memory.left() - bytes_each)
            self.pool.keep(int(min(self.jobs, room // (PROGRAM_BYTES + bytes_each))))
            if len(self.pool.slots) < (1 if self.settings.on else 2):
                self.close()
                return Inline(training)
            if training.memory.limit is not None:
                memory = int(room / len(self.pool.slots))
        write_training(training, folder, memory=memory)
        self._folder = folder
        self.pool.hand_over(folder)
        if not self.pool.local:
            _wait_for_worker(self.pool)
        return self.pool

    @property
    def _trials(self) -> int:
        return self.settings.trials or 0

    def close(self) -> None:
        """End the workers, and remove what was written for them."""
        if self.pool is not None:
            self.pool.close()
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)
        self.pool = None


def _wait_for_worker(pool: Pool) -> None:
    """Wait until a first worker of a cluster has started; the machine here is spared the work.

    Raises:
        RunError: none does.
    """
    end = time.perf_counter() + pool.patience
    while not pool.ready:
        if time.perf_counter() > end:
            raise RunError("cluster-busy", where=pool.place, seconds=pool.patience)
        time.sleep(_LOOK_SECONDS)


@contextmanager
def begin_workers(settings: Settings) -> Iterator[Workers]:
    """Start the workers of a fit; none of them outlives the block.

    Raises:
        MulleError: they are to be of a cluster that is not there, or cannot do this work.
    """
    workers = Workers(settings)
    try:
        workers.start()
        yield workers
    finally:
        workers.close()
