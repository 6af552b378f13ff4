"""The sentences of the interface: one folder a language, one file a room, blanks to be filled.

A template names its blanks and how to say them: `{rows:count}` goes through `numbers`,
`{kind:kind}` looks its value up in the table `kind`, `{names:quoted}` puts quotation marks around
each, `{column}` stands as it is. `{rows?row|rows}` is the first word where `rows` is 1, and else
the second. In Korean a particle is written with both its forms right behind the blank,
`‘{column}’은(는)`, and the form is chosen by the last sound of what was filled in.
"""

from __future__ import annotations

import functools
import re
import tomllib
from collections.abc import Iterator, Mapping
from importlib import resources
from typing import TYPE_CHECKING, Any

from mulle.i18n.format import FORMATS, MISSING, Lang, number
from mulle.i18n.josa import PARTICLES, particle

if TYPE_CHECKING:
    from mulle.decisions import Decision

_SUBJECTS = ("column", "label", "plan")  # blanks that a decision's subject may fill
MAX_LISTED = 12  # items of a list in a sentence; of more, the rest is counted
_BLANK = re.compile(r"\{(\w+)(?::([\w-]+))?\}(?:([’”'\")\]%]*)(" + "|".join(PARTICLES) + "))?")
_NUMBER = re.compile(r"\{(\w+)\?([^{}|]*)\|([^{}|]*)\}")


class Messages:
    """All sentences of one language.

    Args:
        lang: one of `LANGUAGES`; `mulle.language.messages` checks names that a person gave.

    >>> Messages("en")("section.leaderboard")
    'Leaderboard'
    >>> from mulle.decisions import Decision
    >>> Messages("ko").sentence(Decision("baseline-done", values={"score": 0.5}))
    '기준 모델의 점수는 0.5000입니다. 이보다 나은 점수를 내지 못하는 모델은 쓸 이유가 없습니다.'
    """

    def __init__(self, lang: Lang) -> None:
        self.lang: Lang = lang
        self._entries = _entries(lang)

    def __call__(self, key: str, /, **values: Any) -> str:
        """Return the sentence of `key`, its blanks filled."""
        return self.fill(self._entries[key], values)

    def __contains__(self, key: str) -> bool:
        return key in self._entries

    def __iter__(self) -> Iterator[str]:
        return iter(self._entries)

    def blanks_of(self, key: str) -> set[str]:
        """Return the names of the blanks of `key`; none where there is no such sentence."""
        return {name for name, _ in blanks(self._entries.get(key, ""))}

    def formats_of(self, key: str) -> set[tuple[str, str]]:
        """Return the blanks of `key`, each with its format; none where there is no sentence."""
        return blanks(self._entries.get(key, ""))

    def template(self, key: str) -> str:
        """Return an entry as it is written, its blanks open."""
        return self._entries[key]

    def names_of(self, group: str) -> list[str]:
        """Return the values that have a name in a table of names."""
        keys = (key.partition(".") for key in self._entries)
        return [name for head, _, name in keys if head == group]

    def name(self, group: str, value: str) -> str:
        """Return what `value` is called in a table of names; itself when it has no entry.

        >>> Messages("ko").name("kind", "nominal"), Messages("en").name("kind", "odd")
        ('범주형', 'odd')
        """
        return self._entries.get(f"{group}.{value}", value)

    def render(self, value: Any) -> str:
        """Return a value as it stands in a sentence; several are joined by commas.

        >>> Messages("ko").render([1234.5, "나이", None])
        '1,234, 나이, –'
        """
        return self._say(value, None)

    def sentence(self, decision: Decision) -> str:
        """Return what was decided, as a sentence; a code without one is listed with its values."""
        key, subject = f"decision.{decision.code}", decision.subject
        if f"{decision.code}.what" in self._entries:
            return " ".join(self.notice(decision.code, decision.values))
        if key in self._entries:
            named = dict.fromkeys(_SUBJECTS, subject) if subject else {}
            about = named.get("column") or decision.values.get("column")
            return self.fill(self._entries[key], {**named, "columns": about, **decision.values})
        values = {"subject": subject, **decision.values}
        listed = ", ".join(f"{k}: {self._say(v, None)}" for k, v in values.items() if v != "")
        return f"{decision.code} ({listed})" if listed else decision.code

    def notice(self, key: str, values: Mapping[str, Any]) -> tuple[str, str]:
        """Return what is left out of a table or in doubt, and the option that changes it.

        Args:
            key: `left-out.CODE` or `doubt.CODE`.
            values: the blanks; a column's name is written in the option as a shell takes it.
        """
        name = str(values.get("column", ""))
        typed = name if re.fullmatch(r"[\w.+-]*", name) else f'"{name}"'
        fix = self.fill(self._entries[f"{key}.fix"], {**values, "column": typed})
        return self.fill(self._entries[f"{key}.what"], values), fix

    def explain(self, code: str) -> str:
        """Return the paragraph that explains a decision or a repair."""
        for group in ("why", "repair"):
            if f"{group}.{code}" in self._entries:
                return self._entries[f"{group}.{code}"]
        return self("error.unlisted", code=code)

    def about(self, key: str) -> list[tuple[str, str]]:
        """Return the headed paragraphs on a finding: what, why, an example, what to do.

        >>> [label for label, _ in Messages("en").about("skewed")]
        ['What it is', 'Why it matters', 'Example', 'What to do']
        """
        parts = ("what", "why", "example", "do")
        entries = [(part, f"finding.{key}.{part}") for part in parts]
        return [(self(f"explore.{part}"), self(entry)) for part, entry in entries if entry in self]

    def titled(self, group: str) -> list[str]:
        """Return the keys of a group whose entries have titles."""
        ends = (key.split(".") for key in self._entries)
        return [parts[1] for parts in ends if parts[0] == group and parts[2:] == ["title"]]

    def explained(self) -> list[str]:
        """Return the codes that have a paragraph of their own."""
        return [k.partition(".")[2] for k in self._entries if k.startswith("why.")]

    def fill(self, template: str, values: Mapping[str, Any]) -> str:
        """Return a template with its blanks filled and its particles chosen.

        >>> Messages("ko").fill("‘{column}’을(를) 지웠습니다.", {"column": "나이"})
        '‘나이’를 지웠습니다.'
        >>> Messages("en").fill("{rows:count} {rows?row is|rows are} left out.", {"rows": 1})
        '1 row is left out.'
        """

        def one_or_many(match: re.Match[str]) -> str:
            return match[2] if values.get(match[1]) == 1 else match[3]

        def blank(match: re.Match[str]) -> str:
            text = self._say(values.get(match[1]), match[2])
            if match[4] is None:
                return text
            return text + match[3] + particle(text + match[3], match[4])

        return _BLANK.sub(blank, _NUMBER.sub(one_or_many, template))

    def _say(self, value: Any, how: str | None) -> str:
        """Return a value in words; several are joined by commas, weights follow their names."""
        if value is None:
            return MISSING
        if isinstance(value, Mapping):
            text = ((str(name), self._say(weight, how)) for name, weight in value.items())
            return ", ".join(f"{name} ({weight})" for name, weight in text)
        if isinstance(value, (list, tuple, set, frozenset)):
            items = list(value)
            listed = ", ".join(self._say(item, how) for item in items[:MAX_LISTED])
            more = len(items) - MAX_LISTED
            return f"{listed} {self('page.and-more', count=more)}" if more > 0 else listed
        if how == "quoted":
            return f"‘{value}’" if self.lang == "ko" else f"'{value}'"
        if how in FORMATS and not isinstance(value, str):
            return FORMATS[how](value, self.lang)
        if isinstance(value, bool):
            return self(f"term.{'yes' if value else 'no'}")
        if isinstance(value, (int, float)):
            return number(value, self.lang)
        return self.name(how, str(value)) if how else str(value)


@functools.cache
def _entries(lang: str) -> dict[str, str]:
    folder = resources.files(__package__).joinpath(lang)
    files = sorted(folder.iterdir(), key=lambda file: file.name)
    texts = (f.read_text(encoding="utf-8") for f in files if f.name.endswith(".toml"))
    return {key: text for file in texts for key, text in _flat(tomllib.loads(file))}


def _flat(table: Mapping[str, Any], group: str = "") -> Iterator[tuple[str, str]]:
    """Yield the entries of nested tables under their dotted keys."""
    for key, value in table.items():
        if isinstance(value, str):
            yield f"{group}{key}", value.strip()
        else:
            yield from _flat(value, f"{group}{key}.")


def blanks(template: str) -> set[tuple[str, str]]:
    """Return the names of a template's blanks, each with its format; used to compare languages.

    >>> sorted(blanks("{rows:count} rows of {file}"))
    [('file', ''), ('rows', 'count')]
    """
    return {(match[1], match[2] or "") for match in _BLANK.finditer(template)}
