"""Runs and model versions: folders of files, and an index in SQL that follows them."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from mulle.store.ids import FOLDER, new_run_folder, new_run_id
from mulle.store.record import Promise, RunRecord, Score, read_record, write_record

if TYPE_CHECKING:
    from mulle.store.database import Notice
    from mulle.store.index import Difference, RunIndex
    from mulle.store.models import Version

__all__ = [
    "FOLDER",
    "Difference",
    "Notice",
    "Promise",
    "RunIndex",
    "RunRecord",
    "Score",
    "Version",
    "new_run_folder",
    "new_run_id",
    "read_record",
    "write_record",
]

# These know SQLAlchemy, which `fit` and a first look at a run can do without.
_HOMES = {
    "Difference": "mulle.store.index",
    "Notice": "mulle.store.database",
    "RunIndex": "mulle.store.index",
    "Version": "mulle.store.models",
}


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(importlib.import_module(_HOMES[name]), name)
    raise AttributeError(f"module 'mulle.store' has no attribute {name!r}")
