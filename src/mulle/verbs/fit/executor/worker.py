"""What runs in a worker: it reads the training rows once, then does task after task.

A process that this one started ends with it, however that ends.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Callable
from pathlib import Path

from mulle.arrays import Array
from mulle.kernels import load_lightgbm
from mulle.nn.parallel import limit
from mulle.verbs.fit.executor.handover import map_rows, read_training
from mulle.verbs.fit.memory import Memory
from mulle.verbs.fit.tasks import Done, Task, do
from mulle.verbs.fit.validation import Training

_LOOK_SECONDS = 0.5  # between two looks at whether the parent still lives

_read: dict[str, Training] = {}  # the rows of the run in hand, with the features of its folds


def begin(parent: int) -> None:
    """Make a process that this one started ready, and let it end with this one."""
    leave_interrupts()
    threading.Thread(target=_end_with, args=(parent,), daemon=True).start()
    load()


def leave_interrupts() -> None:
    """Leave Ctrl-C to the process that the work is done for."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def load() -> None:
    """Load the libraries that tasks need, so that no task takes the time for it."""
    import sklearn.linear_model  # noqa: F401

    import mulle.nn.networks  # noqa: F401

    load_lightgbm()


def ready() -> None:
    """Do nothing: once this is done, the worker has begun."""


def do_mapped(folder: str, task: Task) -> Done:
    """Do a task on the training rows of a folder of this machine."""
    return _do(task, folder, lambda: map_rows(Path(folder)))


def do_sent(key: str, rows: dict[str, Array], task: Task) -> Done:
    """Do a task on training rows that were sent.

    Args:
        key: of the run, by which rows are known that were read before.
        rows: the bytes of the files, by their names.
        task: to be done.
    """
    return _do(task, key, lambda: rows)


def _do(task: Task, key: str, rows: Callable[[], dict[str, Array]]) -> Done:
    from threadpoolctl import threadpool_limits

    if key not in _read:
        _read.clear()
        _read[key] = read_training(rows())
        if _read[key].memory.limit is None:
            _read[key].features.memory = _share()
    with threadpool_limits(1, user_api="blas"), limit(1):
        return do(task, _read[key])


def _share() -> Memory:
    """Return what a worker may hold where there is one for each core of its machine."""
    from joblib import cpu_count

    limit = Memory.of(None).limit
    return Memory(None if limit is None else limit // cpu_count())


def forget() -> None:
    """Forget the rows: their run is over, and the process goes on."""
    _read.clear()


def _end_with(parent: int) -> None:
    """End this process, in the middle of whatever it does, once its parent has ended."""
    while _lives(parent):
        time.sleep(_LOOK_SECONDS)
    os._exit(1)


def _lives(parent: int) -> bool:
    if os.name == "nt":
        process = multiprocessing.parent_process()
        return process is None or process.is_alive()
    return os.getppid() == parent  # an orphan is given another parent
