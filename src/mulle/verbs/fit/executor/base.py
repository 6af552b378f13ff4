"""Where tasks are done: the four functions that every place has."""

from __future__ import annotations

from typing import Protocol

from mulle.verbs.fit.tasks import Done, Task


class Executor(Protocol):
    """A place that does tasks, as many at a time as it has workers.

    It places tasks and says what became of them; which comes next is decided elsewhere.
    """

    @property
    def workers(self) -> int:
        """How many tasks are done at a time."""

    @property
    def ready(self) -> bool:
        """Whether any worker has started."""

    @property
    def running(self) -> list[Task]:
        """The tasks that were submitted and have not come back."""

    def running_for(self) -> list[tuple[Task, float]]:
        """Return the tasks in hand, and for how many seconds each has been."""

    def submit(self, task: Task) -> None:
        """Take a task; there must be a worker that is free."""

    def wait(self, seconds: float) -> list[Done]:
        """Return tasks that have ended, at once if there are any, else within some seconds.

        A task of which the worker died comes back as `lost`; another worker stands ready by then.
        """

    def kill(self, task: Task) -> None:
        """End a task that is running, and its worker with it; it does not come back."""

    def close(self) -> None:
        """End all workers, whatever they do."""
