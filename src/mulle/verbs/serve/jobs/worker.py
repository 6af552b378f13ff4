"""The threads of one process that work on jobs: two answer them, one calls webhooks.

Requests come first: these threads are the last that the system runs, where a thread can have a
priority of its own, and each answers one batch of the model at a time, on one processor. One of
them takes only small jobs, so that a few rows never wait for the end of a large file.
"""

from __future__ import annotations

import logging
import os
import sys
import threading
import time
from collections.abc import Callable

from mulle.verbs.serve.jobs.job import Job
from mulle.verbs.serve.jobs.runner import Runner
from mulle.verbs.serve.jobs.store import JobStore
from mulle.verbs.serve.jobs.webhooks import Webhooks

IDLE = 1.0  # seconds between two looks for a job that another process accepted
CLEAN_EVERY = 600.0  # seconds between two clean-ups
_NICE = 10
log = logging.getLogger("mulle.serve")


class Worker:
    """The threads; they start at once.

    Args:
        store: the jobs.
        runner: works on one job.
        webhooks: the calls at the end of jobs.
        clean: removes what is kept no longer; called now and then.
        stop: set when the process is to end.
    """

    def __init__(
        self,
        store: JobStore,
        runner: Runner,
        webhooks: Webhooks,
        clean: Callable[[], None],
        stop: threading.Event,
    ) -> None:
        self._store, self._runner, self._clean = store, runner, clean
        self._stop, self._clean_at = stop, 0.0
        tasks = self._run_any, self._run_small, webhooks.send_due
        self._wakes = [threading.Event() for _ in tasks]
        self._threads = [
            threading.Thread(target=self._loop, args=pair, name="jobs", daemon=True)
            for pair in zip(tasks, self._wakes, strict=True)
        ]
        for thread in self._threads:
            thread.start()

    def wake(self) -> None:
        """Let all threads look for work at once."""
        for wake in self._wakes:
            wake.set()

    def stop(self, seconds: float) -> None:
        """Finish the chunk in work, give the job back and end, within some seconds."""
        self._stop.set()
        self.wake()
        until = time.monotonic() + seconds
        for thread in self._threads:
            thread.join(max(0.0, until - time.monotonic()))

    def _loop(self, task: Callable[[], bool], wake: threading.Event) -> None:
        _lower_priority()
        while not self._stop.is_set():
            try:
                worked = task()
            except Exception:  # of the database; the next look may find it mended
                log.exception("jobs")
                worked = False
            if not worked:
                wake.wait(IDLE)
                wake.clear()

    def _run_any(self) -> bool:
        if time.monotonic() > self._clean_at:
            self._clean_at = time.monotonic() + CLEAN_EVERY
            self._clean()
        return self._run(self._store.claim())

    def _run_small(self) -> bool:
        return self._run(self._store.claim(small=True))

    def _run(self, job: Job | None) -> bool:
        if job is None:
            return False
        self._runner.run(job)
        self._wakes[-1].set()
        return True


def _lower_priority() -> None:
    """Let this thread run after all others, on systems where threads have priorities (Linux)."""
    if sys.platform == "linux":
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _NICE)
