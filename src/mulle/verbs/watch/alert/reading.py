"""Reading a file of rules; what is wrong in it is said with the rule it is in."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import msgspec

from mulle.errors import MissingFile, UnknownName, UsageError
from mulle.i18n import LANGUAGES
from mulle.times import seconds
from mulle.verbs.watch.alert.channels import parse_channel
from mulle.verbs.watch.alert.quiet import parse_quiet
from mulle.verbs.watch.alert.rules import JUDGED, TOPICS, Hold, Rule, Rules

_FILE_KEYS = ("rule", "channel", "language")
_RULE_KEYS = ("name", "on", "column", "metric", "above", "below", "clear", "for", "severity",
              "channels", "quiet_hours", "time_zone", "through_quiet", "cooldown")  # fmt: skip


def read_rules(path: str | Path) -> Rules:
    """The rules of a TOML file.

    Raises:
        MissingFile: there is no such file.
        UsageError: it is no TOML, or a rule cannot be meant as it stands.
        UnknownName: a key, a topic or a channel that does not exist, with near misses.
    """
    path = Path(path)
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise MissingFile(
            "alert-rules-missing", where=str(path.parent), name=path.name, strerror=error.strerror
        ) from error
    except UnicodeDecodeError as error:
        raise _wrong(
            f"The file is not UTF-8: {error.reason}.", "Save it as UTF-8.", path
        ) from error
    return parse_rules(text, str(path))


def parse_rules(text: str, where: str = "") -> Rules:
    """The rules in a TOML text; raises as `read_rules`.

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
        found = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise _wrong(f"It is no TOML: {error}.", "Mend the line it names.", where) from error
    _known(found, _FILE_KEYS, where)
    tables = found.get("rule", [])
    if not isinstance(tables, list) or not tables:
        raise _wrong("There are no rules.", "Begin each rule with a line [[rule]].", where)
    channels = {
        name: parse_channel(name, settings, where)
        for name, settings in found.get("channel", {}).items()
    }
    rules = tuple(_rule(table, n, channels, where) for n, table in enumerate(tables, 1))
    names = [rule.name for rule in rules]
    if twice := {name for name in names if names.count(name) > 1}:
        raise _wrong(f"Two rules are named {min(twice)!r}.", "Give each a name of its own.", where)
    language = found.get("language", "en")
    if language not in LANGUAGES:
        raise UnknownName("language-unknown", "language", str(language), LANGUAGES, where)
    return Rules(rules, channels, language)


def _rule(table: Any, n: int, channels: Mapping[str, Any], where: str) -> Rule:
    here = f"{where}, rule {n}".removeprefix(", ")
    if not isinstance(table, dict) or not str(table.get("name", "")).isprintable():
        raise _wrong("A rule is no table with a name on one line.", "Write [[rule]].", here)
    if table.get("name"):
        here = f"{here} ({table['name']})"
    _known(table, _RULE_KEYS, here)
    given = {key: value for key, value in table.items() if key not in _WRITTEN_ELSE}
    given["hold"] = _hold(table.get("for", "1 check"), here)
    given["cooldown"] = _seconds("cooldown", table.get("cooldown", "0s"), here)
    if "quiet_hours" in table:
        zone = str(table.get("time_zone", "UTC"))
        given["quiet"] = parse_quiet(str(table["quiet_hours"]), zone, here)
    rule: Rule = _converted(given, Rule, here)
    if rule.on not in TOPICS:
        raise UnknownName("alert-topic", "alert-topic", rule.on, TOPICS, here)
    for name in rule.channels:
        if name not in channels:
            _no_channel(name, channels, here)
    _check_limits(rule, here)
    return rule


_WRITTEN_ELSE = ("for", "cooldown", "quiet_hours", "time_zone")


def _check_limits(rule: Rule, here: str) -> None:
    """A limit that can be passed, and a `clear` on the good side of it."""
    if rule.above is not None and rule.below is not None:
        raise _wrong("The rule has both above and below.", "Keep one; write two rules.", here)
    limit = rule.above if rule.above is not None else rule.below
    own = rule.on in JUDGED and not rule.metric
    if limit is None and not own:
        raise _wrong(f"A rule on {rule.on!r} has no limit.", "Write above = … or below = ….", here)
    if limit is None and rule.clear is not None:
        raise _wrong("The rule has clear and no limit.", "Write above = … beside it.", here)
    if limit is not None and rule.clear is not None:
        wrong = rule.clear > limit if rule.above is not None else rule.clear < limit
        if wrong:
            side = "not above" if rule.above is not None else "not below"
            what = f"clear is {rule.clear:g} and the limit is {limit:g}."
            raise _wrong(what, f"An alert closes at clear, which must be {side} the limit.", here)
    if TOPICS[rule.on][1] == "" and not rule.metric:
        raise _wrong(
            f"A rule on {rule.on!r} does not say which figure.", 'Write metric = "roc_auc".', here
        )


def _hold(text: Any, here: str) -> Hold:
    words = str(text).split()
    if len(words) == 2 and words[1] in {"check", "checks"} and words[0].isdecimal():
        if int(words[0]) > 0:
            return Hold(checks=int(words[0]))
    elif (length := seconds(str(text))) is not None:
        return Hold(checks=1, seconds=length)
    raise _wrong(f"for is {text!r}.", 'Write for = "3 checks" or for = "10 minutes".', here)


def _seconds(key: str, text: Any, here: str) -> float:
    if (length := seconds(str(text))) is None:
        raise _wrong(f"{key} is {text!r}.", f'Write {key} = "10 minutes".', here)
    return length


def _known(table: Mapping[str, Any], keys: Iterable[str], where: str) -> None:
    for key in table:
        if key not in keys:
            raise UnknownName("alert-key", "rules-key", key, keys, where)


def _no_channel(name: str, channels: Mapping[str, Any], here: str) -> None:
    if channels:
        raise UnknownName("alert-channel", "channel", name, channels, here)
    raise _wrong(f"There is no channel {name!r}.", f"Add a table [channel.{name}].", here)


def _converted(values: Mapping[str, Any], to: Any, here: str) -> Any:
    try:
        return msgspec.convert(values, to)
    except msgspec.ValidationError as error:
        raise _wrong(f"{error}.", "Give it a value of that kind.", here) from error


def _wrong(what: str, fix: str, where: str | os.PathLike[str]) -> UsageError:
    return UsageError("alert-rules", what, fix=fix, where=str(where))
