"""Where the work of a fit is done, as `--on` names it: here, or on a cluster.

here                      this machine, in processes of its own
ray                       a cluster of Ray on this machine, started for the run
ray://host:10001          the client server of a cluster of Ray
dask://host:8786          the scheduler of a cluster of Dask; tcp:// and tls:// likewise
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from mulle.errors import UsageError

HERE = "here"
_SCHEMES = {"ray": "ray", "dask": "dask", "tcp": "dask", "tls": "dask"}  # and whose they are
_STARTED = {"ray"}  # on this machine where no address is given
_WRITTEN = re.compile(r"([a-z]+)://(\[[0-9a-f:]+\]|[^/:@?#\s]+):(\d{1,5})/?", re.IGNORECASE)
_EXAMPLES = {"ray": "ray://HOST:10001", "dask": "dask://HOST:8786"}
_HIGHEST_PORT = 65_535


@dataclass(frozen=True)
class ClusterAddress:
    """A cluster.

    Attributes:
        engine: whose it is, `ray` or `dask`.
        scheme: as a person wrote it.
        host, port: where it is; "" and 0 where it is started on this machine.
    """

    engine: str
    scheme: str = ""
    host: str = ""
    port: int = 0

    @property
    def is_started(self) -> bool:
        """Whether it is started on this machine, for the run."""
        return not self.host

    def __str__(self) -> str:
        return f"{self.scheme}://{self.host}:{self.port}" if self.host else self.engine


def engines() -> list[str]:
    """Return the engines that an address can name."""
    return sorted(set(_SCHEMES.values()))


def read_address(given: str | None) -> ClusterAddress | None:
    """Return the cluster that is named; None where the work is done here.

    Raises:
        UsageError: it names none.

    >>> read_address("ray://head:10001")
    ClusterAddress(engine='ray', scheme='ray', host='head', port=10001)
    >>> read_address("here"), str(read_address("tcp://10.0.0.7:8786"))
    (None, 'tcp://10.0.0.7:8786')
    """
    if given is None or given == HERE:
        return None
    if given in _STARTED:
        return ClusterAddress(given)
    found = _WRITTEN.fullmatch(given)
    scheme = found[1].lower() if found else given.partition("://")[0].lower()
    if found and scheme in _SCHEMES and 0 < int(found[3]) <= _HIGHEST_PORT:
        return ClusterAddress(_SCHEMES[scheme], scheme, found[2], int(found[3]))
    example = _EXAMPLES.get(_SCHEMES.get(scheme, ""), "")
    if example:
        raise UsageError("cluster-address", received=given, example=example)
    raise UsageError("cluster-unknown", received=given)
