"""What is wrong with the operator's settings, said before the first process starts."""

from __future__ import annotations

from pathlib import Path

from mulle.errors import UsageError
from mulle.verbs.serve.security.cors import CrossOrigin
from mulle.verbs.serve.security.keys import read_keys
from mulle.verbs.serve.settings import Settings

LOOPBACK = ("127.0.0.1", "::1", "localhost")


def check(settings: Settings) -> None:
    """Refuse what cannot work.

    Raises:
        UsageError: the keys cannot be read, an origin is none, or uploads would not be served;
            the log or the rules of alerts cannot be used.
        MulleError: the place of the log does not answer.
    """
    if settings.keys:
        read_keys(settings.keys)
    CrossOrigin(settings.cors)
    _check_watch(settings)
    folder = settings.allow_upload
    if folder is None:
        return
    if not settings.keys:
        raise UsageError("upload-without-keys")
    if folder.resolve() not in {Path(spec).resolve() for spec in settings.models}:
        raise UsageError("upload-not-served", folder=folder)


def _check_watch(settings: Settings) -> None:
    if settings.alerts:
        from mulle.verbs.watch.alert import read_rules

        read_rules(settings.alerts)
    if settings.log_predictions:
        from mulle.verbs.watch.log.places import open_sink

        settings.log_settings.redaction.salt()
        open_sink(settings.log_predictions)
