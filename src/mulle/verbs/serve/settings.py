"""What the operator of a server decides; every process of a server is handed the same."""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import msgspec

from mulle.i18n import Lang

if TYPE_CHECKING:
    from mulle.verbs.watch.log import LogSettings

MEGABYTE = 1 << 20


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """How a server runs.

    Attributes:
        models: what is served: paths of `.mulle` files or folders, `NAME=PATH`, or names in the
            registry, which may carry an alias or a version: `churn@champion`, `churn@3`.
        registry: the folder whose registry is resolved.
        host, port: where it listens.
        grpc_port: where gRPC is answered; 0: nowhere.
        workers: processes that share the port.
        max_body: bytes of one request's body; larger ones are refused (413).
        max_rows: rows of one request; more are refused (413) and belong in a job.
        max_waiting: requests in work at once in one process; more are refused (503).
        read_timeout: seconds for a client to send headers, and between parts of a body.
        work_timeout: seconds for an answer to be made.
        drain_timeout: seconds that requests in work are given when the server stops.
        reload_seconds: how often the files and the registry are looked at; 0: never.
        keys: the file of API keys; None: everybody may ask for everything.
        guard_metrics: whether `/metrics` wants a key.
        secret: signs the sessions of the dashboard; the same in all processes, new at each start.
        rate: requests a second of one key, or one address where there are no keys; 0: any.
        burst: requests that may come at once; 0: those of a second.
        cors: the origins of web pages of elsewhere that may ask.
        allow_upload: the served folder into which models may be put; None: none.
        max_model: bytes of a model that is put there.
        max_held: bytes of bodies that one process holds at once.
        max_connections: of one process.
        max_per_address: connections of one address, in one process.
        log: how each request is told of on stderr; `none`: warnings and faults only.
        log_rows: whether the log holds the content of rows.
        warnings: whether answers tell of columns that were ignored and values never seen.
        state_dir: the folder of what the server must not forget: jobs, rewards, assignments.
        database: SQLAlchemy URL of a database for the same, to be shared; "": SQLite there.
        data_dir: the folder whose files jobs may name; None: none.
        max_upload: bytes of a job's file.
        keep_jobs: days for which ended jobs and their results are kept.
        job_lease: seconds after which a job of a process that was killed is taken up by another.
        allow_private_webhooks: whether callers may have addresses called that are not public.
        routing: a TOML file with the policies by which versions are chosen.
        watch: whether rows are compared with what their model learned from.
        watch_window: seconds that such a verdict looks back.
        watch_every: seconds between two checks for the metrics and the alerts.
        log_predictions: where rows and answers are logged; see
            `mulle.verbs.watch.log`; "": nowhere.
        log_share, log_keep_days, log_drop, log_hash: what of them is kept.
        alerts: a TOML file of rules; None: no alerts.
        lang: language of the dashboard and of refusals, where the client names none.
    """

    models: tuple[str, ...] = ()
    registry: Path = Path(".mulle")
    host: str = "127.0.0.1"
    port: int = 8080
    grpc_port: int = 0
    workers: int = 1
    max_body: int = 16 * MEGABYTE
    max_rows: int = 100_000
    max_waiting: int = 1_000
    read_timeout: float = 10.0
    work_timeout: float = 30.0
    drain_timeout: float = 30.0
    reload_seconds: float = 1.0
    keys: Path | None = None
    guard_metrics: bool = False
    secret: bytes = msgspec.field(default_factory=lambda: secrets.token_bytes(32))
    rate: float = 0.0
    burst: int = 0
    cors: tuple[str, ...] = ()
    allow_upload: Path | None = None
    max_model: int = 1_024 * MEGABYTE
    max_held: int = 256 * MEGABYTE
    max_connections: int = 1_024
    max_per_address: int = 256
    log: Literal["json", "text", "none"] = "none"
    log_rows: bool = False
    warnings: bool = True
    state_dir: Path = Path(".mulle/serve")
    database: str = ""
    data_dir: Path | None = None
    max_upload: int = 10_240 * MEGABYTE
    keep_jobs: float = 7.0
    job_lease: float = 10.0
    allow_private_webhooks: bool = False
    routing: Path | None = None
    watch: bool = True
    watch_window: float = 86_400.0
    watch_every: float = 30.0
    log_predictions: str = ""
    log_share: float = 1.0
    log_keep_days: float = 0.0
    log_drop: tuple[str, ...] = ()
    log_hash: tuple[str, ...] = ()
    alerts: Path | None = None
    lang: Lang = "en"

    @property
    def log_settings(self) -> LogSettings:
        """What of the predictions is logged.

        Raises:
            UsageError: a share or a number of days that cannot be resolved.
        """
        from mulle.verbs.watch.log import LogSettings, Redaction, Retention

        kept = Retention(days=self.log_keep_days) if self.log_keep_days else Retention()
        redaction = Redaction(self.log_drop, self.log_hash)
        return LogSettings(share=self.log_share, redaction=redaction, retention=kept)
