"""Tasks are done in this process, one after the other."""

from __future__ import annotations

from mulle.verbs.fit.tasks import Done, Task, do
from mulle.verbs.fit.validation import Training


class Inline:
    """An executor of this process; a task that is submitted is done when it is waited for."""

    workers = 1
    ready = True

    def __init__(self, training: Training) -> None:
        self._training = training
        self._task: Task | None = None

    @property
    def running(self) -> list[Task]:
        """The task that waits, if one does."""
        return [] if self._task is None else [self._task]

    def running_for(self) -> list[tuple[Task, float]]:
        """Return none: between two calls, no task has begun."""
        return []

    def submit(self, task: Task) -> None:
        """Take a task."""
        self._task = task

    def wait(self, seconds: float) -> list[Done]:
        """Do the task; it ends by itself when its time is up."""
        from threadpoolctl import threadpool_limits

        task, self._task = self._task, None
        if task is None:
            return []
        # One thread where one was asked for, as in a worker: the same task then gives the same.
        with threadpool_limits(1 if self._training.n_jobs == 1 else None, user_api="blas"):
            return [do(task, self._training)]

    def kill(self, task: Task) -> None:
        """Forget the task, which has not begun."""
        self._task = None

    def close(self) -> None:
        """Forget the task."""
        self._task = None
