"""What is wrong with the operator's settings, said before the first process starts."""

from __future__ import annotations

from pathlib import Path

from mulle.errors import UsageError
from mulle.serve.safety.keys import read_keys
from mulle.serve.safety.origins import Origins
from mulle.serve.settings import Settings

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
    Origins(settings.cors)
    _check_watch(settings)
    folder = settings.allow_upload
    if folder is None:
        return
    if not settings.keys:
        raise UsageError(
            "upload-without-keys",
            "--allow-upload without --keys would let everybody replace the models.",
            fix="mulle keys new --name NAME --scope admin; then add --keys .mulle/keys.toml",
        )
    if folder.resolve() not in {Path(spec).resolve() for spec in settings.models}:
        raise UsageError(
            "upload-not-served",
            f"What is put into {folder} would not be served.",
            fix=f"Serve the folder too: mulle serve {folder} --allow-upload {folder}",
        )


def _check_watch(settings: Settings) -> None:
    if settings.alerts:
        from mulle.watch.alert import read_rules

        read_rules(settings.alerts)
    if settings.log_predictions:
        from mulle.watch.log.sink import open_sink

        settings.log_settings.redaction.salt()
        open_sink(settings.log_predictions)
