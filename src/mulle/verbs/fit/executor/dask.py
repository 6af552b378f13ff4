"""Tasks are done on a cluster of Dask, one at a time by each of its workers.

A task is sent to one worker and no other, so that it is known which one to end when it hangs. The
training rows are scattered once; a worker that comes later has them from another. Workers are the
cluster's: one that is gone is no longer counted on, and what its nanny starts in its place, or a
person adds, takes part from then on.
"""

from __future__ import annotations

import logging
import threading
import time
import uuid
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from mulle.errors import RunError
from mulle.verbs.fit.cluster_address import ClusterAddress
from mulle.verbs.fit.executor import worker
from mulle.verbs.fit.executor.clusters import (
    CONNECT_SECONDS,
    START_SECONDS,
    check_python,
    check_versions,
    look_at_versions,
)
from mulle.verbs.fit.executor.handover import load_rows
from mulle.verbs.fit.executor.pool import Pool, Worker, WorkerLost
from mulle.verbs.fit.tasks import Done, Task

_LOOK_SECONDS = 0.5  # between two looks at which workers there are
_END_SECONDS = 10.0  # that a worker is given to end


class _DaskWorker(Worker):
    """A worker of the cluster.

    Attributes:
        address: where it is.
        gone: whether the scheduler knows it no longer.
    """

    def __init__(self, pool: DaskPool, address: str) -> None:
        super().__init__()
        self._all = pool
        self.address = address
        self.gone = False
        self.future: Any = None
        self._again = False
        self._start = self._send(worker.load)

    @property
    def started(self) -> bool:
        return not self.gone and bool(self._start.done())

    def submit(self, task: Task) -> None:
        self._again = False
        self._submit(task)

    def _submit(self, task: Task) -> None:
        self.future = self._send(worker.do_sent, self._all.key, self._all.rows(), task)

    def _send(self, function: Callable[..., Any], *values: Any) -> Any:
        """Have this worker, and no other, call a function."""
        return self._all.client.submit(
            function,
            *values,
            key=f"mulle-{uuid.uuid4().hex}",
            workers=[self.address],
            allow_other_workers=False,
            pure=False,
            retries=0,
        )

    def has_ended(self) -> bool:
        if self.gone or not self.future.cancelled() or self._again or not self.work:
            return self.gone or bool(self.future.done())
        # The worker is there, and the rows went with another one before they were copied.
        self._again = True
        self._all.lose_rows()
        self._submit(self.work.task)
        return False

    def result(self) -> Done:
        from distributed import CancelledError, KilledWorker

        if not self.future.done():
            self.future.cancel()
            raise WorkerLost(f"{self.address} is gone")
        try:
            done: Done = self.future.result(timeout=CONNECT_SECONDS)
        except (CancelledError, KilledWorker, OSError) as error:
            raise WorkerLost(f"{type(error).__name__}: {error}") from error
        return done

    def end(self) -> None:
        self.gone = True
        if self.future is not None:
            with suppress(Exception):  # the scheduler may be gone
                self.future.cancel(reason="late", msg="it did not end in time")
        threading.Thread(target=self._all.restart, args=(self.address,), daemon=True).start()


class DaskPool(Pool):
    """The workers of a cluster of Dask.

    Attributes:
        client: the connection.
        key: of the run.
    """

    patience = START_SECONDS
    local = False

    def __init__(self, client: Any, address: ClusterAddress, most: int) -> None:
        self.client = client
        self.place = str(address)
        self.key = uuid.uuid4().hex
        self._most = most
        self._folder = Path()
        self._scattered: Any = None
        self._ended: set[str] = set()  # addresses that come back under another one
        super().__init__()
        self.look()

    def start_worker(self) -> None:
        """Start none: the cluster does."""

    def hand_over(self, folder: Path) -> None:
        """Scatter the rows of a folder."""
        self._folder = folder
        self.rows()

    def rows(self) -> Any:
        """Return the rows on the cluster; they are sent again where no worker has them now."""
        if self._scattered is None or self._scattered.status != "finished":
            rows = [load_rows(self._folder)]
            [self._scattered] = self.client.scatter(rows, broadcast=True, hash=False)
        return self._scattered

    def lose_rows(self) -> None:
        """Take note that no worker has the rows."""
        self._scattered = None

    def wait_for(self, works: list[Worker], seconds: float) -> None:
        """Wait until one of these has ended its task or is gone, or for some seconds."""
        from distributed import CancelledError, wait

        end = time.perf_counter() + seconds
        while True:
            left = max(0.0, end - time.perf_counter())
            futures = [each.future for each in works if isinstance(each, _DaskWorker)]
            with self.client.as_current(), suppress(TimeoutError, CancelledError):
                wait(futures, timeout=min(_LOOK_SECONDS, left), return_when="FIRST_COMPLETED")
            self.look()
            if any(each.has_ended() for each in works) or time.perf_counter() >= end:
                return

    def look(self) -> None:
        """Take note of workers that have come, and of those that have gone."""
        try:
            found = set(self.client.nthreads())
        except Exception:  # whatever the connection ended with
            raise RunError("cluster-lost", where=self.place) from None
        known = {each.address for each in self.slots if isinstance(each, _DaskWorker)}
        for each in list(self.slots):
            if isinstance(each, _DaskWorker) and each.address not in found:
                each.gone = True
                if each.work is None:
                    self.slots.remove(each)
        for address in sorted(found - known - self._ended):
            if not self._most or len(self.slots) < self._most:
                self.slots.append(_DaskWorker(self, address))

    def restart(self, address: str) -> None:
        """End a worker, in the middle of whatever it does."""
        self._ended.add(address)
        with suppress(Exception):  # it has no nanny, is gone, or its whole cluster is
            self.client.restart_workers([address], timeout=_END_SECONDS, raise_for_error=False)

    def replace(self, worker: Worker) -> None:
        """End a worker, if it is there still; another one comes by itself."""
        if isinstance(worker, _DaskWorker) and worker.gone:
            worker.work = None
            self.slots.remove(worker)
        else:
            super().replace(worker)

    def close(self) -> None:
        """End the workers that are still at work, and free what the others hold."""
        busy = [each for each in self.slots if each.work and isinstance(each, _DaskWorker)]
        with _quiet():
            for each in busy:
                each.future.cancel()
                self.restart(each.address)
            with suppress(Exception):  # the cluster may be gone
                self._scattered = None
                self.client.run(worker.forget, on_error="ignore")
            self.client.close(timeout=CONNECT_SECONDS)
        self.slots = []


def connect(address: ClusterAddress, most: int) -> DaskPool:
    """Return the workers of a cluster, at most so many; all of them if `most` is 0.

    Raises:
        RunError: the cluster does not answer as one, has no workers, or other versions.
    """
    from distributed import Client

    scheme = "tcp" if address.scheme == "dask" else address.scheme
    place = f"{scheme}://{address.host}:{address.port}"
    with _quiet():
        try:
            client = Client(place, timeout=CONNECT_SECONDS, set_as_default=False)
        except Exception as error:  # of many sorts: of sockets, of TLS, of another protocol
            reason = str(error).strip().partition("\n")[0]
            raise RunError("cluster-refused", where=address, reason=reason) from error
        try:
            # What is of other versions may not even be readable there, but Dask says its Python.
            seen = client.get_versions()["workers"]
            if not seen:
                raise RunError("cluster-empty", where=address)
            check_python(address, {name: each["packages"]["python"] for name, each in seen.items()})
            check_versions(address, client.run(look_at_versions()))
            return DaskPool(client, address, most)
        except BaseException:
            client.close(timeout=CONNECT_SECONDS)
            raise


@contextmanager
def _quiet() -> Iterator[None]:
    """Let Dask write nothing on the terminal."""
    logger = logging.getLogger("distributed")
    level = logger.level
    logger.setLevel(logging.CRITICAL)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logger.setLevel(level)
