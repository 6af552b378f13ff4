"""The settings of a server; each is declared once, here.

From a declaration come the option of `mulle serve`, the key of `serve.toml`, the check of its value
and the line of `mulle serve --print-config`; what a setting means stands in i18n, under `setting`.
Every process of a server is handed the same settings.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from mulle.errors import UsageError
from mulle.i18n import LANGUAGES, Lang

if TYPE_CHECKING:
    from mulle.verbs.watch.log import LogSettings

MEGABYTE = 1 << 20
LOOPBACK = ("127.0.0.1", "::1", "localhost")

# How a value is written: in TOML, and behind an option.
Form = Literal[
    "text",
    "path",
    "integer",
    "number",
    "boolean",
    "texts",
    "choice",
    "megabytes",
    "kilobytes",
    "length",
    "rate",
]


@dataclass(frozen=True)
class Setting:
    """The declaration of one setting.

    Attributes:
        name: attribute of `Settings`; an option of the command line has the same name.
        table: table of the configuration file; "" for none.
        key: key in that table.
        form: how its value is written.
        default: value where neither the command line nor the file has one.
        flag: whether it is an option of `mulle serve` too.
        env: environment variable that stands for the option; "" for none.
        low, high: range of a number, in the unit that it is written in; None for no end.
        choices: the values there are; none for any.
        metavar: stands for a value in the help and in the file.
    """

    name: str
    table: str
    key: str
    form: Form
    default: Any
    flag: bool = False
    env: str = ""
    low: float | None = None
    high: float | None = None
    choices: tuple[str, ...] = ()
    metavar: str = ""

    @property
    def place(self) -> str:
        """Table and key, as they stand in the file: `[limits] max_rows`."""
        return f"[{self.table}] {self.key}" if self.table else self.key

    @property
    def option(self) -> str:
        """Option of the command line."""
        return f"--{self.name.replace('_', '-')}"


def _declare(form: Form, table: str = "", **more: Any) -> dict[str, Any]:
    return {"form": form, "table": table, **more}


@dataclass(frozen=True, kw_only=True)
class Settings:
    """The settings of a server: sizes in bytes and times in seconds, unless an attribute differs.

    Attributes:
        models: what is served: paths of `.mulle` files or folders, `NAME=PATH`, or names in the
            registry, which may carry an alias or a version: `churn@champion`, `churn@3`.
        registry: folder of the registry.
        root_path: path under which a proxy shows the server, whether it strips it or not.
        trusted_proxies: addresses and networks of proxies whose X-Forwarded-For is believed.
        host, port: where the server listens.
        grpc_port: port for gRPC; 0 for none.
        workers: processes that share the port.
        lang: language of the dashboard and of errors, where the client names none.
        routing: TOML file with the routing policies; None for none.
        warnings: whether answers tell of columns that were ignored and values never seen.
        reload_seconds: time between two looks at the files and the registry; 0 for no look.
        state_dir: folder where the server keeps jobs, policies, rewards and counts.
        database: SQLAlchemy URL of a database for jobs and policies, which servers may share; ""
            for SQLite files in `state_dir`.
        max_body: largest body of a request; larger ones are refused (413).
        max_rows: most rows of a request; more are refused (413) and belong in a job.
        max_waiting: most requests in work in one process; more are refused (503).
        max_held: most bytes of bodies that one process holds.
        max_connections, max_per_address: connections of one process, and of one address in it.
        body_rate: bytes of a body that a client must send in a second, after `read_timeout`.
        max_upload: largest file of a job.
        max_model: largest model that may be uploaded.
        read_timeout: time for a client to send headers, and between parts of a body.
        work_timeout: time for the predictions of many rows.
        drain_timeout: time for requests in work when the server stops.
        rate: requests a second of one key, or one address where there are no keys; 0 for any.
        burst: requests that may come at once; 0 for those of a second.
        keys: file of API keys; None lets everybody ask for everything.
        guard_metrics: whether `/metrics` needs a key.
        cors: origins of other sites whose pages may ask.
        allow_host: names beside those of this machine under which the server may be asked for.
        allow_upload: served folder into which models may be put; None for none.
        data_dir: folder whose files jobs may name; None for none.
        jobs_max_rows: most rows of a job.
        jobs_max_result: largest result of a job.
        jobs_keep_days: days for which ended jobs and their results are kept.
        jobs_lease: time after which a job of a process that was killed is taken up by another.
        allow_private_webhooks: whether callers may have addresses called that are not public.
        monitor_enabled: whether rows are compared with the training rows.
        monitor_window: time that such a comparison looks back.
        monitor_every: time between two comparisons for the metrics and the alerts.
        alerts: TOML file with the rules of alerts; None for none.
        log_format: format of the access log on stderr; `none`: warnings and faults only.
        log_rows: whether the access log holds the content of rows.
        log_predictions: where rows and answers are logged, see `mulle.verbs.watch.log`; "" for
            nowhere.
        log_share: share of the rows that is logged, 0 to 1.
        log_keep_days: days after which logged rows are removed; 0 for never.
        log_drop: columns that are never logged.
        log_hash: columns that are logged as a hash.
        log_unknown: whether columns are logged that no model reads.
        secret: key that signs the sessions of the dashboard; new at each start.
    """

    models: tuple[str, ...] = field(default=(), metadata=_declare("texts"))
    registry: Path = field(
        default=Path(".mulle"), metadata=_declare("path", flag=True, metavar="FOLDER")
    )
    host: str = field(default="127.0.0.1", metadata=_declare("text", flag=True))
    port: int = field(default=8080, metadata=_declare("integer", flag=True, low=1, high=65_535))
    grpc_port: int = field(default=0, metadata=_declare("integer", flag=True, low=0, high=65_535))
    root_path: str = field(default="", metadata=_declare("text", flag=True, metavar="PATH"))
    trusted_proxies: tuple[str, ...] = field(
        default=(), metadata=_declare("texts", flag=True, metavar="ADDRESS")
    )
    workers: int = field(default=1, metadata=_declare("integer", flag=True, low=1))
    lang: Lang = field(default="en", metadata=_declare("choice", choices=LANGUAGES))
    routing: Path | None = field(default=None, metadata=_declare("path", flag=True, metavar="FILE"))
    warnings: bool = field(default=True, metadata=_declare("boolean"))
    reload_seconds: float = field(default=1.0, metadata=_declare("number", low=0))
    state_dir: Path = field(default=Path(".mulle/serve"), metadata=_declare("path"))
    database: str = field(default="", metadata=_declare("text", env="MULLE_DATABASE"))

    max_body: int = field(default=16 * MEGABYTE, metadata=_declare("megabytes", "limits", low=1))
    max_rows: int = field(default=100_000, metadata=_declare("integer", "limits", low=1))
    max_waiting: int = field(default=1_000, metadata=_declare("integer", "limits", low=1))
    max_held: int = field(default=256 * MEGABYTE, metadata=_declare("megabytes", "limits", low=1))
    max_connections: int = field(default=1_024, metadata=_declare("integer", "limits", low=1))
    max_per_address: int = field(default=256, metadata=_declare("integer", "limits", low=1))
    body_rate: int = field(default=8 << 10, metadata=_declare("kilobytes", "limits", low=0))
    max_upload: int = field(
        default=10_240 * MEGABYTE, metadata=_declare("megabytes", "limits", low=1)
    )
    max_model: int = field(
        default=1_024 * MEGABYTE, metadata=_declare("megabytes", "limits", low=1)
    )
    read_timeout: float = field(default=10.0, metadata=_declare("number", "limits", low=0.1))
    work_timeout: float = field(default=30.0, metadata=_declare("number", "limits", low=0.1))
    drain_timeout: float = field(default=30.0, metadata=_declare("number", "limits", low=0))
    rate: float = field(default=0.0, metadata=_declare("rate", "limits"))
    burst: int = field(default=0, metadata=_declare("integer", "limits", low=0))

    keys: Path | None = field(
        default=None, metadata=_declare("path", "security", flag=True, metavar="FILE")
    )
    guard_metrics: bool = field(default=False, metadata=_declare("boolean", "security"))
    cors: tuple[str, ...] = field(default=(), metadata=_declare("texts", "security"))
    allow_host: tuple[str, ...] = field(
        default=(), metadata=_declare("texts", "security", flag=True, metavar="NAME")
    )
    allow_upload: Path | None = field(
        default=None, metadata=_declare("path", "security", metavar="FOLDER")
    )

    data_dir: Path | None = field(default=None, metadata=_declare("path", "jobs", metavar="FOLDER"))
    jobs_max_rows: int = field(default=20_000_000, metadata=_declare("integer", "jobs", low=1))
    jobs_max_result: int = field(
        default=2_048 * MEGABYTE, metadata=_declare("megabytes", "jobs", low=1)
    )
    jobs_keep_days: float = field(default=7.0, metadata=_declare("number", "jobs", low=0))
    jobs_lease: float = field(default=10.0, metadata=_declare("number", "jobs", low=1))
    allow_private_webhooks: bool = field(default=False, metadata=_declare("boolean", "jobs"))

    monitor_enabled: bool = field(default=True, metadata=_declare("boolean", "monitor"))
    monitor_window: float = field(default=86_400.0, metadata=_declare("length", "monitor"))
    monitor_every: float = field(default=30.0, metadata=_declare("number", "monitor", low=1))
    alerts: Path | None = field(
        default=None, metadata=_declare("path", "monitor", flag=True, metavar="FILE")
    )

    log_format: Literal["json", "text", "none"] = field(
        default="none",
        metadata=_declare(
            "choice", "log", flag=True, choices=("json", "text", "none"), metavar="json|text|none"
        ),
    )
    log_rows: bool = field(default=False, metadata=_declare("boolean", "log"))
    log_predictions: str = field(
        default="", metadata=_declare("text", "log", flag=True, env="MULLE_LOG", metavar="PLACE")
    )
    log_share: float = field(default=1.0, metadata=_declare("number", "log", low=0, high=1))
    log_keep_days: float = field(default=0.0, metadata=_declare("number", "log", low=0))
    log_drop: tuple[str, ...] = field(default=(), metadata=_declare("texts", "log"))
    log_hash: tuple[str, ...] = field(default=(), metadata=_declare("texts", "log"))
    log_unknown: bool = field(default=False, metadata=_declare("boolean", "log"))

    secret: bytes = field(default_factory=lambda: secrets.token_bytes(32), repr=False)

    @property
    def log_settings(self) -> LogSettings:
        """Settings of the prediction log.

        Raises:
            UsageError: a share or a number of days is impossible.
        """
        from mulle.verbs.watch.log import LogSettings, Redaction, Retention

        kept = Retention(days=self.log_keep_days) if self.log_keep_days else Retention()
        redaction = Redaction(self.log_drop, self.log_hash, keep_unknown=self.log_unknown)
        return LogSettings(share=self.log_share, redaction=redaction, retention=kept)

    def check(self) -> None:
        """Refuse settings that cannot work together.

        Raises:
            UsageError: uploads without keys, or into a folder that is not served; a path that is
                none.
        """
        path = self.root_path
        if path and (not path.startswith("/") or path.endswith("/") or set(path) & set("?# ")):
            raise UsageError("root-path-unreadable", received=path[:100])
        folder = self.allow_upload
        if folder is None:
            return
        if not self.keys:
            raise UsageError("upload-without-keys")
        if folder.resolve() not in {Path(spec).resolve() for spec in self.models}:
            raise UsageError("upload-not-served", folder=folder)


def declared() -> Iterator[Setting]:
    """Yield the declarations of all settings, table by table."""
    for one in fields(Settings):
        if one.metadata:
            table, more = one.metadata["table"], dict(one.metadata)
            key = one.name.removeprefix(f"{table}_") if table else one.name
            yield Setting(one.name, key=key, default=one.default, **more)


SETTINGS = {setting.name: setting for setting in declared()}
