"""The threads of one process: two answer jobs, one calls those who wait for them.

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

from mulle.verbs.serve.jobs.calls import Calls
from mulle.verbs.serve.jobs.job import Job
from mulle.verbs.serve.jobs.leases import Leases
from mulle.verbs.serve.jobs.running import Runner
from mulle.verbs.serve.jobs.sweep import EVERY

IDLE = 1.0  # seconds between two looks for a job that another process accepted
_NICE = 10
log = logging.getLogger("mulle.serve")


class Worker:
    """The threads.

    Args:
        leases, runner, calls: what they work with.
        sweep: called now and then.
        stop: set when the process is to end.
    """

    def __init__(
        self,
        leases: Leases,
        runner: Runner,
        calls: Calls,
        sweep: Callable[[], None],
        stop: threading.Event,
    ) -> None:
        self._leases, self._runner, self._calls, self._sweep = leases, runner, calls, sweep
        self._stop, self._swept = stop, 0.0
        works = self._any, self._small, self._calls.send_due
        self._wakes = [threading.Event() for _ in works]
        self._threads = [
            threading.Thread(target=self._forever, args=pair, name="jobs", daemon=True)
            for pair in zip(works, self._wakes, strict=True)
        ]
        for thread in self._threads:
            thread.start()

    def wake(self) -> None:
        """There is something to do."""
        for wake in self._wakes:
            wake.set()

    def end(self, seconds: float) -> None:
        """Finish the chunk in work, give the job back, and end; no longer than some seconds."""
        self._stop.set()
        self.wake()
        until = time.monotonic() + seconds
        for thread in self._threads:
            thread.join(max(0.0, until - time.monotonic()))

    def _forever(self, work: Callable[[], bool], wake: threading.Event) -> None:
        _step_back()
        while not self._stop.is_set():
            try:
                found = work()
            except Exception:  # of the book; the next look may find it mended
                log.exception("jobs")
                found = False
            if not found:
                wake.wait(IDLE)
                wake.clear()

    def _any(self) -> bool:
        if time.monotonic() > self._swept:
            self._swept = time.monotonic() + EVERY
            self._sweep()
        return self._work(self._leases.claim())

    def _small(self) -> bool:
        return self._work(self._leases.claim(small=True))

    def _work(self, job: Job | None) -> bool:
        if job is None:
            return False
        self._runner.run(job)
        self._wakes[-1].set()
        return True


def _step_back() -> None:
    """Let this thread run after all others, on systems where threads have priorities (Linux)."""
    if sys.platform == "linux":
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _NICE)
