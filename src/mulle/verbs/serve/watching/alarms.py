"""Verdicts and the server's figures, held against the rules of alerts."""

from __future__ import annotations

import logging
import shlex
from typing import Any
from urllib.parse import quote

from mulle.verbs.serve.models import LoadedModel
from mulle.verbs.serve.settings import Settings
from mulle.verbs.serve.watching.judge import Judged
from mulle.verbs.watch.alert import Alerts, read_rules

FILE = "watch.db"  # in the folder of the server's state
FEWEST = 30  # labels that a score is told of
log = logging.getLogger("mulle.verbs.serve.watching")


class Alarms:
    """The alerts of all models.

    Args:
        settings: the server's, with the file of rules.

    Raises:
        UsageError, UnknownName, MissingFile: the rules cannot be used.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._rules = read_rules(settings.alerts or "")
        self._alerts: dict[str, Alerts] = {}

    def check(self, loaded: LoadedModel, judged: Judged, figures: dict[str, Any]) -> None:
        """Hold one check against the rules and send what is due; may take seconds.

        Raises:
            MulleError: the book of alerts cannot be written.
        """
        check = judged.verdict.to_dict(self._rules.language) | {"server": figures}
        check["performance"] = [p for p in check["performance"] if _says_something(p)]
        alerts = self._of(loaded)
        alerts.look = look(self._settings, loaded, judged.about()["since"])
        for alert in alerts.check(check, deliver=False):
            name = alert.subject or loaded.name
            log.warning("alert %s: %s (%s) %s", alert.change, alert.rule, loaded.name, name)
        for delivery in alerts.deliver():
            if delivery.error:
                log.warning("alert by %s was not delivered: %s", delivery.channel, delivery.error)

    def _of(self, loaded: LoadedModel) -> Alerts:
        alerts = self._alerts.get(loaded.name)
        if alerts is None:
            state = self._settings.state_dir
            state.mkdir(parents=True, exist_ok=True)
            place = self._settings.database or state / FILE
            alerts = Alerts(self._rules, place, model=loaded.name)
            self._alerts[loaded.name] = alerts
        return alerts


def _says_something(score: dict[str, Any]) -> bool:
    """A score on a handful of labels would open and close an alert with each that comes."""
    return score["low"] is not None and score["rows"] >= FEWEST


def look(settings: Settings, loaded: LoadedModel, since: str | None) -> str:
    """The command that looks closer: at the same rows in the log, else at what is counted."""
    place = settings.log_predictions
    if not place:
        host = settings.host if settings.host not in {"0.0.0.0", "::"} else "localhost"
        return f"curl http://{host}:{settings.port}/models/{quote(loaded.name)}/drift"
    if "://" in place:
        from sqlalchemy.engine import make_url

        place = make_url(place).render_as_string(hide_password=True)
    words = ["mulle", "watch", loaded.path, place, "--logged-as", loaded.name]
    return shlex.join([*words, *(["--since", since] if since else [])])
