"""Settings of steps and learners: refused unless they keep their constraints, and described.

A class declares `parameters`, one constraint for each parameter of its constructor:

    parameters = {"n_bins": Interval(int, 2, 255), "edges": Choice("quantile", "uniform")}

`check_settings` refuses what does not keep them, `settings_of` lists them with their defaults and
meanings, and `describe` makes the page that `mulle explain` shows.
"""

from __future__ import annotations

import inspect
import json
from collections.abc import Iterable, Mapping
from typing import Any, ClassVar, NamedTuple

from mulle.constraints import Constraint
from mulle.errors import UnknownName, UsageError
from mulle.i18n import Lang, Messages

Parameters = Mapping[str, Constraint]
_SHOWN = 2  # settings of an example
_MAX_RECEIVED = 60  # characters of a refused value that are shown


class InvalidSetting(UsageError):
    """A setting whose value its constraint refuses; near choices are offered.

    Args:
        owner: name of the step or learner.
        name: name of the setting.
        value: what was received.
        constraint: what is accepted.
        where: the place in a file, if there is one.
    """

    def __init__(
        self, owner: str, name: str, value: Any, constraint: Constraint, where: object = ""
    ) -> None:
        self.constraint, self.near = constraint, constraint.near(value)
        received = _as_received(value)
        super().__init__("setting-invalid", where=where, owner=owner, name=name, received=received)

    def render_what(self, lang: Lang) -> str:
        """Say what is accepted and what was received, in `lang`."""
        expected = self.constraint.render(lang)
        return Messages(lang)(f"error.{self.code}.what", **self.values, expected=expected)

    def render_fix(self, lang: Lang) -> str:
        """Offer near choices, or the command that lists the settings, in `lang`."""
        messages = Messages(lang)
        if self.near:
            names = ", ".join(map(repr, self.near))
            return messages("error.unknown-name.fix-near", names=names)
        return messages(f"error.{self.code}.fix", **self.values)


class Setting(NamedTuple):
    """One row of the table of settings.

    Attributes:
        name: of the parameter.
        expected: what is accepted, as a phrase.
        default: its default as a plan writes it, or that it may be left out or must be given.
        meaning: one line on what it does.
    """

    name: str
    expected: str
    default: str
    meaning: str


class Configured:
    """A class whose constructor's parameters have constraints.

    Attributes:
        parameters: the constraint of each parameter, in the order of the constructor.
    """

    parameters: ClassVar[Parameters] = {}

    def check_own_settings(self) -> None:
        """Refuse this instance unless all of its settings keep their constraints.

        Raises:
            InvalidSetting: a value is out of range, of another type, or no choice.
        """
        check_settings(type(self), {name: getattr(self, name) for name in self.parameters})


def check_settings(
    cls: type[Configured], settings: Mapping[str, Any], *, where: object = ""
) -> None:
    """Refuse settings that a class does not have, does not accept, or lacks.

    Args:
        cls: the class.
        settings: values by name; what is left out has its default.
        where: the place in a file, if there is one.

    Raises:
        UnknownName: there is no such setting; near names are offered.
        InvalidSetting: a value is out of range, of another type, or no choice.
        UsageError: a setting without a default is missing.
    """
    for name, value in settings.items():
        if name not in cls.parameters:
            raise UnknownName(
                "setting-unknown", "setting", name, cls.parameters, where, owner=cls.__name__
            )
        if not cls.parameters[name].accepts(value):
            raise InvalidSetting(cls.__name__, name, value, cls.parameters[name], where)
    for name, parameter in inspect.signature(cls).parameters.items():
        if parameter.default is parameter.empty and name not in settings:
            raise UsageError("setting-missing", where=where, owner=cls.__name__, name=name)


def settings_of(cls: type[Configured], lang: Lang) -> list[Setting]:
    """Return the table of settings of a class, in the order of its constructor.

    A meaning stands in `i18n` under `parameter.CLASS.NAME`, of the class itself or of the nearest
    base that has one; a leading underscore of a base is left out.
    """
    messages, rows = Messages(lang), []
    signature = inspect.signature(cls).parameters
    for name, constraint in cls.parameters.items():
        default = signature[name].default
        if default is inspect.Parameter.empty:
            given = messages("describe.required")
        elif default is None:
            given = messages("describe.optional")
        else:
            given = messages("describe.default", value=to_toml(default))
        rows.append(Setting(name, constraint.render(lang), given, _meaning(cls, name, messages)))
    return rows


def describe(
    cls: type[Configured], title: str, paragraphs: Iterable[str], example: str, lang: Lang
) -> str:
    """Return the page on a step or learner: what it does, its settings, and lines of a plan.

    Args:
        cls: the class.
        title: its name, and what people call it.
        paragraphs: what it does, and why.
        example: lines of a `plan.toml`.
        lang: the language.
    """
    messages = Messages(lang)
    lines = [title, "", *(line for text in paragraphs for line in (text, ""))]
    rows = settings_of(cls, lang)
    lines.append(messages("describe.settings" if rows else "describe.no-settings"))
    for row in rows:
        lines.append(f"  {row.name}: {row.expected} ({row.default})")
        lines.append(f"      {row.meaning}")
    lines += ["", messages("describe.plan"), *(f"  {line}" for line in example.splitlines())]
    return "\n".join(lines)


def example_settings(cls: type[Configured], values: Mapping[str, Any] | None = None) -> list[str]:
    """Return a few settings as they are written in a plan: the first ones, at their defaults.

    Args:
        cls: the class.
        values: of settings that have no default.
    """
    signature = inspect.signature(cls).parameters
    shown = {name: p.default for name, p in signature.items()} | dict(values or {})
    written = [f"{name} = {to_toml(v)}" for name, v in shown.items() if v is not None]
    return written[:_SHOWN]


def _meaning(cls: type, name: str, messages: Messages) -> str:
    keys = (f"parameter.{base.__name__.lstrip('_')}.{name}" for base in cls.__mro__)
    return messages(next(key for key in keys if key in messages))


def to_toml(value: Any) -> str:
    """Return a value of a setting as it is written in a plan.

    >>> to_toml([1, "a", True])
    '[1, "a", true]'
    """
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, tuple | list):
        return f"[{', '.join(to_toml(entry) for entry in value)}]"
    return json.dumps(value, ensure_ascii=False) if isinstance(value, str) else repr(value)


def _as_received(value: Any) -> str:
    """Return a value as a person wrote it: numbers of NumPy plain, what is long cut short."""
    text = repr(value.item() if hasattr(value, "item") and not hasattr(value, "__len__") else value)
    return text if len(text) <= _MAX_RECEIVED else text[: _MAX_RECEIVED - 1] + "…"
