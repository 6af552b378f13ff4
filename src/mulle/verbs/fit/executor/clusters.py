"""The clusters that work can be done on, and what a cluster must be before work is sent there.

Another engine is a module with a `connect` and an entry in `ENGINES`; the tests of executors take
it from there.
"""

from __future__ import annotations

import importlib.util
import socket
import sys
from collections.abc import Callable, Mapping
from importlib import import_module
from typing import NamedTuple

from mulle.errors import MissingExtra, RunError
from mulle.verbs.fit.cluster_address import ClusterAddress
from mulle.verbs.fit.executor.pool import Pool

CONNECT_SECONDS = 5.0  # within which a cluster that is there answers
START_SECONDS = 30.0  # within which a worker of it starts
_PACKAGES = ("mulle", "numpy", "polars", "sklearn", "lightgbm")  # whose objects are sent back
_INSTALLED_AS = {"sklearn": "scikit-learn"}


class Engine(NamedTuple):
    """What makes executors on clusters of one kind.

    Attributes:
        module: holds `connect(address, most)`, which returns the pool.
        library: that it needs, which is also the name of mulle's extra.
        imported: the module of the library that must be there.
    """

    module: str
    library: str
    imported: str

    def connect(self, address: ClusterAddress, most: int) -> Pool:
        """Return the workers of a cluster, no more than `most` of them; all if it is 0.

        Raises:
            MissingExtra: the library is not installed.
            RunError: no cluster is there, or not one that can do this work.
        """
        if importlib.util.find_spec(self.imported) is None:
            raise MissingExtra(self.library, self.library, f"work-on-{self.library}")
        if address.host:
            _check_answers(address)
        connect: Callable[[ClusterAddress, int], Pool] = import_module(self.module).connect
        return connect(address, most)


ENGINES = {
    "ray": Engine("mulle.verbs.fit.executor.ray", "ray", "ray"),
    "dask": Engine("mulle.verbs.fit.executor.dask", "dask", "distributed"),
}


def _check_answers(address: ClusterAddress) -> None:
    """Refuse an address where nothing listens, before a library tries for minutes."""
    try:
        place = (address.host.strip("[]"), address.port)
        socket.create_connection(place, CONNECT_SECONDS).close()
    except OSError as error:
        reason = error.strerror or str(error)
        raise RunError("cluster-unreachable", where=address, reason=reason) from None


def look_at_versions() -> Callable[[], dict[str, str]]:
    """Return a function that says the versions of the process that it is called in.

    It is sent as code, not by its name, so that it can be called where mulle is not installed.
    """
    packages = _PACKAGES

    def versions() -> dict[str, str]:
        import importlib

        found = {}
        for name in packages:
            try:
                found[name] = str(importlib.import_module(name).__version__)
            except ImportError:
                found[name] = ""
        return found

    return versions


def check_python(address: ClusterAddress, workers: Mapping[str, str]) -> None:
    """Refuse a cluster whose Python is not of this version: what is sent could not be read there.

    Args:
        address: of the cluster.
        workers: the version of each worker, of which the first two numbers count.

    Raises:
        RunError: one of them has another.
    """
    ours = python_version()
    for worker, found in workers.items():
        theirs = ".".join(found.split(".")[:2])
        if theirs != ours:
            values = {"package": "Python", "theirs": theirs, "ours": ours}
            raise RunError("cluster-other-version", where=address, worker=worker, **values)


def python_version() -> str:
    """Return the version of this Python, to the second number."""
    return ".".join(map(str, sys.version_info[:2]))


def check_versions(address: ClusterAddress, workers: Mapping[str, Mapping[str, str]]) -> None:
    """Refuse a cluster that has other versions of what is sent.

    Args:
        address: of the cluster.
        workers: the versions by package, of each worker.

    Raises:
        RunError: one of them differs from this process.
    """
    here = look_at_versions()()
    for worker, found in workers.items():
        if not found["mulle"]:
            raise RunError(
                "cluster-without-mulle", where=address, worker=worker, version=here["mulle"]
            )
        for name, ours in here.items():
            if found[name] != ours:
                theirs, package = found[name] or "-", _INSTALLED_AS.get(name, name)
                values = {"package": package, "theirs": theirs, "ours": ours}
                raise RunError("cluster-other-version", where=address, worker=worker, **values)
