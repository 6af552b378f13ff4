"""Read a file of rules; every error names the rule that it is in."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import msgspec

from mulle.errors import MissingFile, UnknownName, UsageError
from mulle.i18n import LANGUAGES
from mulle.times import seconds
from mulle.verbs.watch.alert.channels import Channel, parse_channel
from mulle.verbs.watch.alert.quiet import parse_quiet
from mulle.verbs.watch.alert.rules import JUDGED, SCORES, TOPICS, Hold, Rule, Rules

_FILE_KEYS = ("rule", "channel", "language")
_RULE_KEYS = ("name", "on", "column", "metric", "above", "below", "clear", "for", "severity",
              "channels", "quiet_hours", "time_zone", "through_quiet", "cooldown")  # fmt: skip
_PARSED_KEYS = ("for", "cooldown", "quiet_hours", "time_zone")  # those with a notation of their own


def read_rules(path: str | Path) -> Rules:
    """Read the rules of a TOML file.

    Raises:
        MissingFile: there is no such file.
        UsageError: it is not TOML, or a rule contradicts itself.
        UnknownName: a key, a topic or a channel that does not exist, with near misses.
    """
    path = Path(path)
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise MissingFile(
            "alert-rules-missing", where=str(path.parent), name=path.name, error=error.strerror
        ) from error
    except UnicodeDecodeError as error:
        raise UsageError("alert-rules-encoding", where=str(path), error=error.reason) from error
    return parse_rules(text, str(path))


def parse_rules(text: str, where: str = "") -> Rules:
    """Parse the rules in a TOML text; raises as `read_rules`.

    >>> rules = parse_rules('''
    ... [[rule]]
    ... name = "prices drift"
    ... on = "drift"
    ... above = 0.2
    ... for = "3 checks"
    ... ''')
    >>> rules.rules[0].hold.checks
    3
    """
    try:
        tables = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise UsageError("alert-rules-toml", where=where, error=error) from error
    _check_keys(tables, _FILE_KEYS, where)
    listed = tables.get("rule", [])
    if not isinstance(listed, list) or not listed:
        raise UsageError("alert-rules-none", where=where)
    channels = {
        name: parse_channel(name, settings, where)
        for name, settings in tables.get("channel", {}).items()
    }
    rules = tuple(_rule(table, n, channels, where) for n, table in enumerate(listed, 1))
    names = [rule.name for rule in rules]
    if twice := {name for name in names if names.count(name) > 1}:
        raise UsageError("alert-rule-named-twice", where=where, rule=min(twice))
    language = tables.get("language", "en")
    if language not in LANGUAGES:
        raise UnknownName("language-unknown", "language", str(language), LANGUAGES, where)
    return Rules(rules, channels, language)


def _rule(table: Any, n: int, channels: Mapping[str, Channel], where: str) -> Rule:
    here = f"{where}, [[rule]] {n}".removeprefix(", ")
    if not isinstance(table, dict) or not str(table.get("name", "")).isprintable():
        raise UsageError("alert-rule-name", where=here)
    if table.get("name"):
        here = f"{here} ({table['name']})"
    _check_keys(table, _RULE_KEYS, here)
    given = {key: value for key, value in table.items() if key not in _PARSED_KEYS}
    given["hold"] = _hold(table.get("for", "1 check"), here)
    given["cooldown"] = _cooldown(table.get("cooldown", "0s"), here)
    if "quiet_hours" in table:
        zone = str(table.get("time_zone", "UTC"))
        given["quiet"] = parse_quiet(str(table["quiet_hours"]), zone, here)
    try:
        rule = msgspec.convert(given, Rule)
    except msgspec.ValidationError as error:
        raise UsageError("alert-rule-value", where=here, error=error) from error
    if rule.on not in TOPICS:
        raise UnknownName("alert-topic", "alert-topic", rule.on, TOPICS, here)
    for name in rule.channels:
        if name not in channels:
            raise UnknownName("alert-channel-unknown", "channel", name, channels, here)
    _check_limits(rule, here)
    return rule


def _check_limits(rule: Rule, here: str) -> None:
    """Refuse a rule without a limit that can be passed, or with `clear` on its far side."""
    if rule.above is not None and rule.below is not None:
        raise UsageError("alert-two-limits", where=here)
    limit = rule.above if rule.above is not None else rule.below
    if limit is None and not (rule.on in JUDGED and (rule.on in SCORES or not rule.metric)):
        raise UsageError("alert-no-limit", where=here, topic=rule.on)
    if limit is None and rule.clear is not None:
        raise UsageError("alert-clear-without-limit", where=here)
    if limit is not None and rule.clear is not None:
        if rule.above is not None and rule.clear > limit:
            raise UsageError("alert-clear-too-high", where=here, clear=rule.clear, limit=limit)
        if rule.below is not None and rule.clear < limit:
            raise UsageError("alert-clear-too-low", where=here, clear=rule.clear, limit=limit)
    if limit is not None and TOPICS[rule.on][1] == "" and not rule.metric:
        raise UsageError("alert-no-metric", where=here, topic=rule.on)


def _hold(text: Any, here: str) -> Hold:
    words = str(text).split()
    if len(words) == 2 and words[1] in {"check", "checks"} and words[0].isdecimal():
        if int(words[0]) > 0:
            return Hold(checks=int(words[0]))
    elif (length := seconds(str(text))) is not None:
        return Hold(checks=1, seconds=length)
    raise UsageError("alert-for", where=here, received=text)


def _cooldown(text: Any, here: str) -> float:
    if (length := seconds(str(text))) is None:
        raise UsageError("alert-cooldown", where=here, received=text)
    return length


def _check_keys(table: Mapping[str, Any], known: Iterable[str], where: str) -> None:
    for key in table:
        if key not in known:
            raise UnknownName("alert-key", "rules-key", key, known, where)
