"""Alerts of a server: drift and traffic are checked against the operator's rules."""

from __future__ import annotations

import logging
import shlex
from typing import Any
from urllib.parse import quote

from mulle.verbs.serve.models import LoadedModel
from mulle.verbs.serve.monitor.version import MonitorResult
from mulle.verbs.serve.settings import Settings
from mulle.verbs.watch.alert import Alerts, read_rules

FILE = "alerts.db"  # in the folder of the server's state
log = logging.getLogger("mulle.serve")


class ModelAlerts:
    """The alerts of all models.

    Args:
        settings: settings of the server, with the file of rules.

    Raises:
        UsageError, UnknownName, MissingFile: the rules cannot be used.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._rules = read_rules(settings.alerts or "")
        self._alerts: dict[str, Alerts] = {}

    def check(self, loaded: LoadedModel, result: MonitorResult, traffic: dict[str, Any]) -> None:
        """Check one result against the rules and send what is due; may take seconds.

        Args:
            loaded: the version.
            result: its comparison.
            traffic: traffic since the last check, as `TrafficSnapshot` gives it.

        Raises:
            MulleError: the open alerts cannot be stored.
        """
        check = result.report.to_dict(self._rules.language) | {"server": traffic}
        alerts = self._alerts_of(loaded)
        since = result.describe_rows()["since"]
        alerts.look = command_to_look(self._settings, loaded, since)
        for alert in alerts.check(check, deliver=False):
            name = alert.subject or loaded.name
            log.warning("alert %s: %s (%s) %s", alert.change, alert.rule, loaded.name, name)
        for delivery in alerts.deliver():
            if delivery.error:
                log.warning("alert by %s was not delivered: %s", delivery.channel, delivery.error)

    def _alerts_of(self, loaded: LoadedModel) -> Alerts:
        alerts = self._alerts.get(loaded.name)
        if alerts is None:
            state = self._settings.state_dir
            state.mkdir(parents=True, exist_ok=True)
            place = self._settings.database or state / FILE
            alerts = Alerts(self._rules, place, model=loaded.name)
            self._alerts[loaded.name] = alerts
        return alerts


def command_to_look(settings: Settings, loaded: LoadedModel, since: str | None) -> str:
    """Return the command that shows more: of the same rows in the log, else of the counts."""
    place = settings.log_predictions
    if not place:
        host = settings.host if settings.host not in {"0.0.0.0", "::"} else "localhost"
        return f"curl http://{host}:{settings.port}/models/{quote(loaded.name)}/drift"
    if "://" in place:
        from sqlalchemy.engine import make_url

        place = make_url(place).render_as_string(hide_password=True)
    words = ["mulle", "watch", loaded.path, place, "--logged-as", loaded.name]
    return shlex.join([*words, *(["--since", since] if since else [])])
