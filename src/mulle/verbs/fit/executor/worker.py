"""What runs in a worker: it reads the training rows once, then does task after task.

It ends with the process that started it, however that ends.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
import time
from pathlib import Path

from mulle.verbs.fit.executor.handover import read_training
from mulle.verbs.fit.tasks import Done, Task, do
from mulle.verbs.fit.validation import Training

_LOOK_SECONDS = 0.5  # between two looks at whether the parent still lives

_read: dict[str, Training] = {}  # the rows of the run in hand, with the features of its folds


def begin(parent: int) -> None:
    """Make this process ready: libraries loaded, Ctrl-C left to the parent, the parent watched."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with, args=(parent,), daemon=True).start()
    import lightgbm  # noqa: F401
    import sklearn.linear_model  # noqa: F401

    import mulle.nn.networks  # noqa: F401


def ready() -> None:
    """Do nothing: once this is done, the worker has begun."""


def do_task(folder: str, task: Task) -> Done:
    """Do a task on the training rows of a folder."""
    if folder not in _read:
        _read.clear()
        _read[folder] = read_training(Path(folder))
    return do(task, _read[folder])


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
