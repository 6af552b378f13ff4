"""Alerts: rules with hysteresis and quiet hours, sent by webhook, e-mail or chat."""

from mulle.verbs.watch.alert.alert import Alert, Message
from mulle.verbs.watch.alert.alerts import Alerts, Delivery
from mulle.verbs.watch.alert.channels import Channel
from mulle.verbs.watch.alert.config import parse_rules, read_rules
from mulle.verbs.watch.alert.rules import Rule, Rules

__all__ = [
    "Alert",
    "Alerts",
    "Channel",
    "Delivery",
    "Message",
    "Rule",
    "Rules",
    "parse_rules",
    "read_rules",
]
