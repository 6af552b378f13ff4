"""The prediction log: what was asked, what was answered, and later what was true."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mulle.verbs.watch.log.labels import Attached, attach_labels, attach_labels_from
    from mulle.verbs.watch.log.places import open_sink
    from mulle.verbs.watch.log.queue import LogState
    from mulle.verbs.watch.log.reader import Logged, read_log, scan_log
    from mulle.verbs.watch.log.redaction import Redaction
    from mulle.verbs.watch.log.retention import prune_log
    from mulle.verbs.watch.log.settings import LogSettings, Retention
    from mulle.verbs.watch.log.sink import Found, Sink
    from mulle.verbs.watch.log.writer import PredictionLog

__all__ = [
    "Attached",
    "Found",
    "LogSettings",
    "LogState",
    "Logged",
    "PredictionLog",
    "Redaction",
    "Retention",
    "Sink",
    "attach_labels",
    "attach_labels_from",
    "open_sink",
    "prune_log",
    "read_log",
    "scan_log",
]

# A server that writes needs neither Polars nor SQLAlchemy before its first row.
_HOMES = {
    "Attached": "labels",
    "Found": "sink",
    "LogSettings": "settings",
    "LogState": "queue",
    "Logged": "reader",
    "PredictionLog": "writer",
    "Redaction": "redaction",
    "Retention": "settings",
    "Sink": "sink",
    "attach_labels": "labels",
    "attach_labels_from": "labels",
    "open_sink": "places",
    "prune_log": "retention",
    "read_log": "reader",
    "scan_log": "reader",
}


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(importlib.import_module(f"{__name__}.{_HOMES[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
