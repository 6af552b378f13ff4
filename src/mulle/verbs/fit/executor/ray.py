"""Tasks are done on a cluster of Ray, by actors of one core each.

The training rows are put into Ray's object store once, and read there without a copy by all actors
of a machine. An actor that dies is not restarted by Ray but replaced here, so that its task comes
back and is counted as tried. Actors end with the driver, however that ends.
"""

from __future__ import annotations

import logging
import os
import signal
import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from mulle.errors import RunError, UsageError
from mulle.verbs.fit.cluster_address import ClusterAddress
from mulle.verbs.fit.executor import worker
from mulle.verbs.fit.executor.clusters import (
    CONNECT_SECONDS,
    START_SECONDS,
    check_versions,
    look_at_versions,
)
from mulle.verbs.fit.executor.handover import load_rows
from mulle.verbs.fit.executor.kernels import one_thread, same_kernels
from mulle.verbs.fit.executor.pool import Pool, Worker, WorkerLost
from mulle.verbs.fit.tasks import Done, Task

_CONNECT_MOST = 4 * CONNECT_SECONDS  # a cluster first starts a process for each that connects
_STORE_BYTES = 200_000_000  # of the object store of a cluster that is started here
_VARIABLES = {  # that Ray reads
    "RAY_USAGE_STATS_ENABLED": "0",
    "RAY_CLIENT_RECONNECT_GRACE_PERIOD": f"{CONNECT_SECONDS:.0f}",  # half a minute else
}


class _Host:
    """What runs in an actor."""

    def __init__(self) -> None:
        worker.leave_interrupts()
        worker.load()

    def ready(self) -> None:
        worker.ready()

    def do(self, key: str, rows: Any, task: Task) -> Done:
        return worker.do_sent(key, rows, task)


class _Actor(Worker):
    """An actor of the cluster."""

    def __init__(self, pool: RayPool) -> None:
        super().__init__()
        self._all = pool
        self._actor = pool.hosts.remote()
        self._start = self._actor.ready.remote()
        self._started = False
        self.future: Any = None

    @property
    def started(self) -> bool:
        import ray

        if not self._started:
            done, _ = ray.wait([self._start], timeout=0)
            if done:
                with suppress(ray.exceptions.RayError):
                    ray.get(self._start)
                    self._started = True
        return self._started

    def submit(self, task: Task) -> None:
        self.future = self._actor.do.remote(self._all.key, self._all.rows, task)

    def has_ended(self) -> bool:
        import ray

        return bool(ray.wait([self.future], timeout=0)[0])

    def result(self) -> Done:
        import ray

        try:
            done: Done = ray.get(self.future)
        except ray.exceptions.RayTaskError:
            raise
        except ray.exceptions.RayError as error:
            raise WorkerLost(f"{type(error).__name__}: {error}") from error
        return done

    def end(self) -> None:
        import ray

        self._started = False
        if ray.is_initialized():  # else Ray would start a cluster to do it
            with suppress(ray.exceptions.RayError, ConnectionError):
                ray.kill(self._actor)


class RayPool(Pool):
    """The actors of a run.

    Attributes:
        hosts: the class that actors are made of.
        key: of the run.
        rows: the training rows in the object store.
        owned: whether the connection was made here, and ends with the run.
    """

    patience = START_SECONDS

    def __init__(self, address: ClusterAddress, workers: int, *, owned: bool) -> None:
        import ray

        self.place = str(address)
        self.local = address.is_started
        self.owned = owned
        self.key = uuid.uuid4().hex
        self.rows: Any = None
        how: dict[str, Any] = {"num_cpus": 1, "max_restarts": 0, "max_task_retries": 0}
        if not (owned and self.local):  # workers that were started here have it already
            environment = one_thread() | same_kernels(elsewhere=not self.local)
            how["runtime_env"] = {"env_vars": environment}
        self.hosts = ray.remote(**how)(_Host)
        super().__init__([_Actor(self) for _ in range(workers)])

    def start_worker(self) -> Worker:
        """Start another actor."""
        return _Actor(self)

    def hand_over(self, folder: Path) -> None:
        """Put the rows of a folder into the object store."""
        import ray

        self.rows = ray.put(load_rows(folder))

    def look(self) -> None:
        """Take note of a connection that is lost, before Ray would start a cluster of its own."""
        import ray

        if not ray.is_initialized():
            raise RunError("cluster-lost", where=self.place)

    def wait_for(self, works: list[Worker], seconds: float) -> None:
        """Wait until one of these has ended its task, or for some seconds."""
        import ray

        futures = [each.future for each in works if isinstance(each, _Actor)]
        try:
            ray.wait(futures, num_returns=1, timeout=seconds)
        except (ConnectionError, ray.exceptions.RayError):
            raise RunError("cluster-lost", where=self.place) from None

    def close(self) -> None:
        """End the actors, and the connection."""
        import ray

        super().close()
        self.rows = None
        if self.owned and ray.is_initialized():
            with _quiet(), suppress(ConnectionError):
                ray.shutdown()


def connect(address: ClusterAddress, most: int) -> RayPool:
    """Return actors on a cluster, at most so many; on all of its cores if `most` is 0.

    Raises:
        UsageError: this process is connected to Ray already, and an address is given.
        RunError: the cluster does not answer as one, has no cores, or other versions.
    """
    with _quiet():
        import ray

        owned = not ray.is_initialized()
        if not owned and address.host:
            raise UsageError("cluster-connected", where=address)
        if owned:
            _init(address, most)
        try:
            if address.host:
                check_versions(address, _versions())
            cores = int(ray.cluster_resources().get("CPU", 0))
            if not cores and not most:
                raise RunError("cluster-empty", where=address)
            return RayPool(address, most or cores, owned=owned)
        except BaseException:
            if owned:
                ray.shutdown()
            raise


def _init(address: ClusterAddress, most: int) -> None:
    """Connect to a cluster, or start one.

    Raises:
        RunError: that failed, or takes longer than a cluster needs that is there.
    """
    import ray

    failures: list[Exception] = []
    quiet = {"log_to_driver": False, "configure_logging": False}

    def begin(**how: Any) -> None:
        try:
            ray.init(**how, **quiet)
        except Exception as error:  # of many sorts: of gRPC, of versions, of sockets
            failures.append(error)

    if address.is_started:  # in this thread, with which Linux would end what it has started
        # Its workers inherit the environment: those that Ray starts beforehand can be used then.
        with _environment(one_thread() | same_kernels()):
            begin(
                address="local",
                num_cpus=most or None,
                include_dashboard=False,
                object_store_memory=_STORE_BYTES,
            )
    else:  # in another, as Ray would go on trying
        connecting = threading.Thread(target=begin, kwargs={"address": str(address)}, daemon=True)
        connecting.start()
        connecting.join(_CONNECT_MOST)
        if connecting.is_alive():
            failures.append(TimeoutError(f"no answer within {_CONNECT_MOST:g} s"))
    if failures:
        reason = str(failures[0]).strip().partition("\n")[0].rstrip(".")
        raise RunError("cluster-refused", where=address, reason=reason) from failures[0]


def _versions() -> dict[str, dict[str, str]]:
    """Return the versions on each machine of the cluster, by a first task there."""
    import ray
    from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

    look = ray.remote(num_cpus=0, max_retries=1)(look_at_versions())
    nodes = [n for n in ray.nodes() if n["Alive"] and n["Resources"].get("CPU")]
    asked = {
        node["NodeManagerAddress"]: look.options(
            scheduling_strategy=NodeAffinitySchedulingStrategy(node["NodeID"], soft=False)
        ).remote()
        for node in nodes
    }
    found = ray.get(list(asked.values()), timeout=START_SECONDS)
    return dict(zip(asked, found, strict=True))


@contextmanager
def _quiet() -> Iterator[None]:
    """Let Ray write nothing on the terminal, report nothing, and leave signals as they are."""
    with _environment(_VARIABLES):
        import ray  # which sets the level of its logger

        logger = logging.getLogger(ray.__name__)
        level, usual = logger.level, signal.getsignal(signal.SIGTERM)
        logger.setLevel(logging.CRITICAL)
        try:
            yield
        finally:
            logger.setLevel(level)
            if threading.current_thread() is threading.main_thread() and usual is not None:
                signal.signal(signal.SIGTERM, usual)


@contextmanager
def _environment(variables: dict[str, str]) -> Iterator[None]:
    """Set variables for what is started meanwhile."""
    before = {name: os.environ.get(name) for name in variables}
    os.environ.update(variables)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value
