"""What of a row the server may write: columns that a served model reads, less what is hidden.

The prediction log and the access log ask here, so that both hide the same.
"""

from __future__ import annotations

import logging
import traceback
from collections.abc import Mapping
from typing import Any

from mulle.bundle.archive import read_archive
from mulle.errors import BundleError
from mulle.table.schema import Schema
from mulle.verbs.serve.models import ModelRepository
from mulle.verbs.serve.models.sources import resolve
from mulle.verbs.serve.settings import Settings

LOGGERS = ("mulle.serve", "uvicorn.error")  # all that a server writes to


class RowRedaction:
    """The redaction of a server, for the models that it serves at the moment.

    Args:
        settings: those of the server.
        repository: the models.

    Raises:
        UsageError: a column is to be hashed and there is no salt.
    """

    def __init__(self, settings: Settings, repository: ModelRepository) -> None:
        self._redaction = settings.log_settings.redaction
        self._salt, self._repository = self._redaction.salt(), repository
        self._models: list[object] = []
        self._known: frozenset[str] = frozenset()

    def known(self) -> frozenset[str]:
        """Return the columns that the models read that are served now."""
        models = self._repository.all()
        if models != self._models:
            columns = (columns_of(loaded.model.manifest.schema) for loaded in models)
            self._known, self._models = frozenset().union(*columns), list(models)
        return self._known

    def apply(self, row: Mapping[str, Any]) -> dict[str, Any]:
        """Return a row as it may be written."""
        return self._redaction.apply(dict(row), self._salt, self.known())


class WithoutMessages(logging.Filter):
    """Leave out of logged faults what exceptions say: that may quote a value that is hidden."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Replace an exception by its type and the lines of code that it went through."""
        if record.exc_info and record.exc_info[0]:
            sort, _, trace = record.exc_info
            lines = "".join(traceback.format_tb(trace))
            record.exc_text = f"Traceback (messages are hidden):\n{lines}{sort.__name__}"
            record.exc_info = None
        return True


def hide_messages(settings: Settings) -> None:
    """Let no logged fault quote values, where columns are hidden."""
    if settings.log_settings.redaction:
        for name in LOGGERS:
            log = logging.getLogger(name)
            if not any(isinstance(one, WithoutMessages) for one in log.filters):
                log.addFilter(WithoutMessages())


def columns_of(schema: Schema) -> set[str]:
    """Return the names of the columns that a model reads, and of those they are computed from."""
    return {name for column in schema.columns for name in (column.name, column.source) if name}


def check_redaction(settings: Settings) -> None:
    """Refuse to hide columns that no model has: the one that was meant would be written.

    Raises:
        UsageError: a column is to be hashed and there is no salt.
        UnknownName: no model has such a column; near misses are named.
        MissingFile: a model is not there.
    """
    redaction = settings.log_settings.redaction
    if not redaction:
        return
    redaction.salt()
    known = set[str]()
    for source in resolve(settings.models, settings.registry).sources:
        try:
            known |= columns_of(read_archive(source.path)[0].schema)
        except (BundleError, OSError):  # the server itself says what is wrong with it
            return
    redaction.check(known)
