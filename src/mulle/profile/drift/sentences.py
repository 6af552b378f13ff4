"""Sentences of a comparison, in a language."""

from __future__ import annotations

from mulle.i18n import Messages
from mulle.profile.drift.result import Reason, Status


def render_reason(reason: Reason, words: Messages) -> str:
    """Return the sentence that says why a column has its status."""
    return words(f"drift-reason.{reason.code}", **reason.values)


def render_status(status: Status | str, words: Messages) -> str:
    """Return the name of a status.

    >>> render_status(Status.no_drift_seen, Messages("en"))
    'no drift seen'
    """
    return words(f"drift-status.{status}")
