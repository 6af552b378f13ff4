"""Alerts: rules with hysteresis and quiet hours, told by webhook, e-mail or chat."""

from mulle.watch.alert.alert import Alert, Message
from mulle.watch.alert.alerts import Alerts, Delivery
from mulle.watch.alert.channels import Channel
from mulle.watch.alert.reading import parse_rules, read_rules
from mulle.watch.alert.rules import Rule, Rules

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
