"""All that `mulle explain` can explain: cards, codes and names of every room behind one index."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib import import_module
from inspect import getdoc

from mulle.cards import Index, load_cards, render_card
from mulle.cards.source import catalogue_rows, error_classes, finding_codes
from mulle.i18n import LANGUAGES, Lang, Messages
from mulle.i18n.examples import PARTS, error_codes, example_of, example_values

_ROWS = re.compile(r"^catalogue  (.+(?:\n +.+)*)", re.MULTILINE)  # goes on where indented


@dataclass(frozen=True)
class Topic:
    """One thing that can be explained.

    Attributes:
        id: of the card, the code, or the name.
        sort: what kind of thing it is, a key of `topic` in i18n.
        names: everything that it answers to, its id first.
        render: gives its explanation in a language.
    """

    id: str
    sort: str
    names: tuple[str, ...]
    render: Callable[[Lang], str]


@functools.cache
def topics() -> tuple[Topic, ...]:
    """Return every topic; where several share a name, the fuller ones come first."""
    rooms = (_cards, _reading, _steps, _learners, _findings, _decisions, _repairs, _notices,
             _errors, _kinds, _metrics, _settings, _options, _catalogue)  # fmt: skip
    return tuple(topic for room in rooms for topic in room())


@functools.cache
def index() -> Index[Topic]:
    """Return the topics by their names."""
    return Index((topic.names, topic) for topic in topics())


def _cards() -> Iterator[Topic]:
    for card in load_cards().values():
        yield Topic(card.id, "card", card.names, functools.partial(render_card, card))


def _reading() -> Iterator[Topic]:
    yield Topic(
        "reading", "guide", ("reading", "reading.toml", "읽기", "표 읽기"), _describe_reading
    )


def _describe_reading(lang: Lang) -> str:
    from mulle.table.read.describe import describe_reading

    return describe_reading(lang)


def _topics_of(group: str, sort: str, render: Callable[[str, Lang], str]) -> Iterator[Topic]:
    """Topics whose names stand in a table of names, found by the name in each language too."""
    spoken = [Messages(lang) for lang in LANGUAGES]
    for name in spoken[0].names_of(group):
        names = (name, *(messages.name(group, name) for messages in spoken))
        yield Topic(name, sort, names, functools.partial(render, name))


def _steps() -> Iterator[Topic]:
    known = Messages("en").names_of("step-what")
    return (t for t in _topics_of("step", "step", _describe_step) if t.id in known)


def _describe_step(name: str, lang: Lang) -> str:
    from mulle.steps import describe_step

    return describe_step(name, lang)


def _learners() -> Iterator[Topic]:
    known = Messages("en").names_of("learner-what")
    for topic in _topics_of("learner", "learner", _describe_learner):
        if topic.id in known:
            yield topic
    for name in _learner_classes():
        yield Topic(name, "learner", (name,), functools.partial(_describe_learner, name))


def _learner_classes() -> list[str]:
    from mulle.learners.registry import CLASSIFIERS, REGRESSORS

    registries = (CLASSIFIERS, REGRESSORS)
    return list(dict.fromkeys(cls.__name__ for known in registries for cls in known.values()))


def _describe_learner(name: str, lang: Lang) -> str:
    from mulle.learners.describe import describe_learner

    return describe_learner(name, lang)


def _findings() -> Iterator[Topic]:
    codes = finding_codes()
    spoken = [Messages(lang) for lang in LANGUAGES]
    for key in spoken[0].titled("finding"):
        titles = (messages(f"finding.{key}.title") for messages in spoken)
        code = codes.get(key, key)
        yield Topic(code, "finding", (code, key, *titles), functools.partial(_finding, code, key))


def _finding(code: str, key: str, lang: Lang) -> str:
    messages = Messages(lang)
    parts = [f"{code}  {messages(f'finding.{key}.title')}"]
    parts += [f"{label}\n  {text}" for label, text in messages.about(key)]
    return "\n\n".join(parts)


def _decisions() -> Iterator[Topic]:
    for code in Messages("en").explained():
        yield Topic(code, "decision", (code,), functools.partial(_decision, code))


def _decision(code: str, lang: Lang) -> str:
    return Messages(lang)(f"why.{code}")


def _repairs() -> Iterator[Topic]:
    return _topics_of("repair", "repair", _repair)


def _repair(code: str, lang: Lang) -> str:
    messages = Messages(lang)
    return messages("explain.repair", name=messages.name("repair", code), why=_decision(
        "repair-made", lang))  # fmt: skip


def _notices() -> Iterator[Topic]:
    """What is left out of a table, or in doubt: by code, alone or behind its group."""
    for key in Messages("en"):
        group, _, code = key.removesuffix(".what").partition(".")
        if group in {"left-out", "doubt"} and key.endswith(".what"):
            names = (code, f"{group}.{code}")
            yield Topic(code, group, names, functools.partial(_notice, group, code))


def _notice(group: str, code: str, lang: Lang) -> str:
    messages = Messages(lang)
    key = f"{group}.{code}"
    values = {
        blank: "…" if value.startswith("‹") else value
        for part in PARTS
        for blank, value in example_values(code, f"{key}.{part}", messages).items()
    }
    what, fix = messages.notice(key, values)
    return (
        f"{messages(f'explain.{group}', code=code, what=what)}\n{messages('explain.fix', fix=fix)}"
    )


def _errors() -> Iterator[Topic]:
    for code in dict.fromkeys([*error_codes(), *error_classes()]):
        yield Topic(code, "error", (code,), functools.partial(_error, code))


def _error(code: str, lang: Lang) -> str:
    messages = Messages(lang)
    parts = [
        messages("explain.error", code=code, what=example_of(code, "what", lang)),
        messages("explain.fix", fix=example_of(code, "fix", lang)),
    ]
    if code in error_classes():
        parts.append(messages(f"error-class.{error_classes()[code]}"))
    return "\n".join(parts)


def _kinds() -> Iterator[Topic]:
    return _topics_of("kind", "kind", lambda name, lang: _about("kind", name, lang))


def _metrics() -> Iterator[Topic]:
    return _topics_of("metric", "metric", lambda name, lang: _about("metric", name, lang))


def _about(group: str, name: str, lang: Lang) -> str:
    """Return a name with the sentence on it; averages over classes share the one of their base."""
    messages = Messages(lang)
    title = f"{name}: {messages.name(group, name)}"
    base, _, average = name.rpartition("_")
    if f"about-{group}.{name}" in messages:
        return f"{title}\n\n{messages(f'about-{group}.{name}')}"
    parts = (messages(f"about-{group}.{base}"), messages(f"about-average.{average}"))
    return f"{title}\n\n{' '.join(parts)}"


def _settings() -> Iterator[Topic]:
    """Settings of steps and learners, as `PowerTransform.method`: the page of their owner."""
    from mulle.learners.registry import CLASSIFIERS, REGRESSORS
    from mulle.steps import STEPS

    for step in STEPS:
        for setting in step.parameters:
            describe = functools.partial(_describe_step, step.__name__)
            yield _setting_topic(f"{step.__name__}.{setting}", describe)
    for key, learner in {**CLASSIFIERS, **REGRESSORS}.items():
        for setting in learner.parameters:
            yield _setting_topic(f"{key}.{setting}", functools.partial(_describe_learner, key))


def _setting_topic(name: str, describe: Callable[[Lang], str]) -> Topic:
    return Topic(name, "setting", (name,), describe)


def _options() -> Iterator[Topic]:
    """Options of verbs, as `fit --time`, and the settings of the server, as `serve --host`."""
    for setting in Messages("en").names_of("setting"):
        name = f"serve --{setting.replace('_', '-')}"
        key = f"setting.{setting}"
        yield Topic(name, "option", (name,), functools.partial(_option, name, key))
    for key in (k for k in Messages("en") if k.startswith("help.") and ".options." in k):
        verb, _, option = key.removeprefix("help.").partition(".options.")
        name = f"{verb.replace('.', ' ')} --{option.replace('_', '-')}"
        yield Topic(name, "option", (name,), functools.partial(_option, name, key))


def _option(name: str, key: str, lang: Lang) -> str:
    return f"mulle {name}\n\n{Messages(lang)(key)}"


def _catalogue() -> Iterator[Topic]:
    for row, module in catalogue_rows().items():
        yield Topic(row, "row", (row,), functools.partial(_row, module))


def _row(module: str, lang: Lang) -> str:
    """Return what the module of a row says of it; docstrings are English in both languages."""
    text = _ROWS.sub("", getdoc(import_module(module)) or "").strip()
    return f"{module}\n\n{text}"
