"""A verdict in words: its sentences in a language, and the few lines that a terminal shows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

import msgspec

from mulle.i18n import Messages
from mulle.i18n.format import Lang, hundredths, percent
from mulle.verbs.watch.verdict import ColumnVerdict, Performance, Reason, Status, Verdict

_SHOWN = 12  # columns that the terminal shows


def told(verdict: Verdict, lang: str = "en") -> dict[str, Any]:
    """A verdict as plain values, each reason a sentence with its code and values beside it."""
    words = words_in(lang)
    plain: dict[str, Any] = msgspec.to_builtins(verdict)
    found: dict[str, Any] = {
        "version": plain.pop("version"),
        **_told(plain, "watch-verdict", words),
    }
    for part in ("columns", "prediction", "target", "performance", "estimated_performance"):
        found[part] = _reasons(found[part], words)
    return found


def sentence(reason: Reason, words: Messages) -> str:
    """Why, in a sentence; a code without words says itself."""
    entry = f"watch-reason.{reason.code}"
    return words(entry, **reason.values) if entry in words else reason.code


def headline(verdict: Verdict, words: Messages) -> str:
    """The whole verdict in a sentence."""
    reason = verdict.reason
    first = ", ".join(map(str, reason.values.get("first", [])[:1]))
    return words(f"watch-verdict.{reason.code}", **{**reason.values, "first": first})


def summary(verdict: Verdict, lang: str = "en") -> str:
    """The verdict, then the columns that matter most, then answers and scores."""
    words = words_in(lang)
    parts = [headline(verdict, words)]
    shown = [(n, c) for n, c in verdict.columns.items() if c.status is Status.drifted]
    rest = [(n, c) for n, c in verdict.columns.items() if c.status is Status.unknown]
    room = max(0, _SHOWN - len(shown))
    lines = [_line(n, c, words) for n, c in shown + rest[:room]]
    left = len(rest) - len(rest[:room])
    if left:
        lines.append(f"… {words('page.more-of', count=left)}")
    if lines:
        parts.append("\n".join(lines))
    more = []
    for part, key in ((verdict.prediction, "answers"), (verdict.target, "target")):
        if part is not None:
            said = words.name("watch-status", part.status.value)
            more.append(f"{words(f'watch.{key}')}: {said}. {sentence(part.reason, words)}")
    more += [sentence(p.reason, words) for p in scores(verdict)]
    if verdict.absent:
        more.append(words("watch.absent-about", columns=absent(verdict, words)))
    return "\n\n".join([*parts, "\n".join(more)]) if more else "\n\n".join(parts)


def scores(verdict: Verdict) -> list[Performance]:
    """Real scores where there are any, else the estimates."""
    return verdict.performance or verdict.estimated_performance


def words_in(lang: str) -> Messages:
    """The words of a language.

    Raises:
        UnknownName: no such language.
    """
    return Messages(cast(Lang, lang))


def between(column: ColumnVerdict) -> str:
    """Between what the true effect lies."""
    if column.low is None or column.high is None:
        return "–"
    return f"{percent(max(column.low, 0.0))} – {percent(max(column.high, 0.0))}"


def absent(verdict: Verdict, words: Messages) -> str:
    """What could not be compared, by name."""
    names = {f"<{k}>": words(f"watch.{k}") for k in ("answers", "target")}
    names["<score>"] = words("watch.performance")
    listed = [names.get(n, n) for n in verdict.absent]
    more = f" {words('page.and-more', count=len(listed) - 12)}" if len(listed) > 12 else ""
    return ", ".join(listed[:12]) + more


def _line(name: str, column: ColumnVerdict, words: Messages) -> str:
    status = words.name("watch-status", column.status.value)
    known = column.importance is not None and column.importance >= 0.005
    weight = f" ({words('watch.importance')} {hundredths(column.importance)})" if known else ""
    return f"- {name}: {status}{weight}. {sentence(column.reason, words)}"


def _told(plain: dict[str, Any], group: str, words: Messages) -> dict[str, Any]:
    """One reason as its sentence, code and values, where it stood."""
    found: dict[str, Any] = {}
    for key, value in plain.items():
        if key == "reason":
            values = dict(value["values"])
            shown = (
                values | {"first": ", ".join(values["first"][:1])} if "first" in values else values
            )
            entry = f"{group}.{value['code']}"
            found["reason"] = words(entry, **shown) if entry in words else value["code"]
            found["reason_code"], found["reason_values"] = value["code"], values
        else:
            found[key] = value
    return found


def _reasons(value: Any, words: Messages) -> Any:
    if isinstance(value, Mapping):
        inner = {k: _reasons(v, words) if k != "reason" else v for k, v in value.items()}
        return _told(inner, "watch-reason", words) if "reason" in inner else inner
    return [_reasons(v, words) for v in value] if isinstance(value, list) else value
