"""What the operator of a server decides; every process of a server is handed the same."""

from __future__ import annotations

from pathlib import Path

import msgspec

MEGABYTE = 1 << 20


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """How a server runs.

    Attributes:
        models: what is served: paths of `.mulle` files or folders, `NAME=PATH`, or names in the
            registry, which may carry an alias or a version: `churn@champion`, `churn@3`.
        registry: the folder whose registry is meant.
        host, port: where it listens.
        workers: processes that share the port.
        max_body: bytes of one request's body; larger ones are refused (413).
        max_rows: rows of one request; more are refused (413) and belong in a job.
        max_waiting: requests in work at once in one process; more are refused (503).
        read_timeout: seconds for a client to send headers, and between parts of a body.
        work_timeout: seconds for an answer to be made.
        drain_timeout: seconds that requests in work are given when the server stops.
        reload_seconds: how often the files and the registry are looked at; 0: never.
        route: a TOML file with the rules by which versions are chosen.
        state_dir: the folder of what the server must not forget.
        database: the URL of a database for the same, which several machines may share.
        lang: language of the dashboard and of refusals, where the client names none.
    """

    models: tuple[str, ...] = ()
    registry: Path = Path(".mulle")
    host: str = "127.0.0.1"
    port: int = 8080
    workers: int = 1
    max_body: int = 16 * MEGABYTE
    max_rows: int = 100_000
    max_waiting: int = 1_000
    read_timeout: float = 10.0
    work_timeout: float = 30.0
    drain_timeout: float = 30.0
    reload_seconds: float = 1.0
    route: Path | None = None
    state_dir: Path = Path(".mulle/serve")
    database: str = ""
    lang: str = "en"
