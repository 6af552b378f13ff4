"""The rules of alerts: their limits, their channels, and their quiet hours.

[[rule]]
name = "prices drift"
on = "drift"                  # or missing, unseen, performance, latency: see TOPICS
column = "price*"             # a pattern; all columns without it
above = 0.2                   # opens; without it, the comparison's own threshold
clear = 0.1                   # closes; the same as above without it
for = "3 checks"              # or a length of time
severity = "warning"          # info, warning, critical
channels = ["team"]
quiet_hours = "22:00-07:00"
time_zone = "Asia/Seoul"
through_quiet = false         # a critical rule may pass
cooldown = "1 hour"           # after it closed

[channel.team]
type = "webhook"
url_env = "TEAM_WEBHOOK"      # secrets stand in the environment, never here

catalogue  watch-alert
"""

from __future__ import annotations

from typing import Literal

import msgspec

from mulle.verbs.watch.alert.channels import Channel
from mulle.verbs.watch.alert.quiet import QuietHours

Severity = Literal["info", "warning", "critical"]

# topic of a rule -> group of its values in a check, and their usual figure
TOPICS = {
    "drift": ("columns", "score"),
    "missing": ("columns", "missing_share"),
    "unseen": ("columns", "unseen_share"),
    "answers": ("prediction", "score"),
    "target": ("target", "score"),
    "dataset": ("dataset", "share_of_drifted_columns"),
    "performance": ("performance", ""),
    "estimate": ("estimated_performance", ""),
    "errors": ("server", "error_share"),
    "latency": ("server", "latency_p99_ms"),
    "log": ("server", "log_dropped"),
    "server": ("server", ""),
}
# topics that the verdict itself decides, so that a rule needs no limit
SCORES = ("performance", "estimate")
JUDGED = ("drift", "answers", "target", "dataset", *SCORES)


class Hold(msgspec.Struct, frozen=True):
    """The time for which a limit must be passed: checks in a row, or seconds."""

    checks: int = 1
    seconds: float = 0.0


class Rule(msgspec.Struct, frozen=True):
    """One rule; see the module for how it is written.

    Attributes:
        above, below: the limit, at most one of them; None: that of the comparison.
        clear: limit at which an open alert closes; the limit itself if None.
        metric: name of the figure, for `performance` and the server.
        quiet: hours in which messages are held back.
        through_quiet: whether they are sent all the same.
        cooldown: seconds after closing in which it does not open again.
    """

    name: str
    on: str
    column: str = "*"
    metric: str = ""
    above: float | None = None
    below: float | None = None
    clear: float | None = None
    hold: Hold = Hold()
    severity: Severity = "warning"
    channels: tuple[str, ...] = ()
    quiet: QuietHours | None = None
    through_quiet: bool = False
    cooldown: float = 0.0


class Rules(msgspec.Struct, frozen=True):
    """All rules of a file, with the channels they name and the language of the messages."""

    rules: tuple[Rule, ...]
    channels: dict[str, Channel] = {}
    language: Literal["en", "ko"] = "en"
