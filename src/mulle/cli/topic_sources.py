"""Collects all that can be explained, from cards, sentences and source, for `topics.json`.

python -m mulle.cli.topic_sources     after a card, a question, an error, an option was added
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from mulle.cards import Card, fold, load_cards, load_groups, load_questions
from mulle.cards.source import catalogue_rows, error_classes, finding_codes
from mulle.cli.topic_pages import PAGES
from mulle.cli.topics import READY, Topic
from mulle.i18n import LANGUAGES, Messages
from mulle.i18n.examples import error_codes

FILE = Path(__file__).with_name("topics.json")


def collect_topics() -> tuple[Topic, ...]:
    """Return every topic; where several share a name, the fuller ones come first."""
    sorts = (_cards, _questions, _reading, _steps, _learners, _findings, _decisions, _repairs,
             _notices, _errors, _kinds, _metrics, _settings, _options, _catalogue)  # fmt: skip
    return tuple(topic for sort in sorts for topic in sort())


def to_json() -> str:
    """Return the file of all topics, a line each."""
    found = collect_topics()
    rows = ([t.id, t.sort, t.room, t.names, t.titles, t.args] for t in found)
    lines = [json.dumps(row, ensure_ascii=False) for row in rows]
    owners = {t.args[0] for t in found if t.sort in READY}
    steps = {t.args[0] for t in found if t.sort == "step"}
    pages = {name: _page("step" if name in steps else "learner", name) for name in sorted(owners)}
    listed = ",\n".join(lines)
    return f'{{"topics": [\n{listed}\n],\n"pages": {json.dumps(pages, ensure_ascii=False)}}}\n'


def _page(sort: str, name: str) -> dict[str, str]:
    return {lang: PAGES[sort](name, lang) for lang in LANGUAGES}


def _topic(
    id: str,
    sort: str,
    names: tuple[str, ...],
    *args: str,
    room: str = "",
    titles: tuple[str, ...] = (),
) -> Topic:
    """Return a topic; where names follow the id, the first is English and the last is Korean."""
    own = titles or (names[min(1, len(names) - 1)], names[-1])
    return Topic(id, sort, room or f"{sort}s", tuple(dict.fromkeys(names)), own, args)


def _cards() -> Iterator[Topic]:
    cards = load_cards()
    spoken = {fold(name) for card in cards.values() for name in _spoken(card)}
    for card in cards.values():
        # What people call one card is no name of another that merely stands on such code.
        own = {card.id, *_spoken(card)}
        names = tuple(n for n in card.names if n in own or fold(n) not in spoken)
        titles = tuple(card.words[lang].name for lang in LANGUAGES)
        yield _topic(card.id, "card", names, card.room, card.id, room=card.room, titles=titles)


def _spoken(card: Card) -> tuple[str, ...]:
    return tuple(name for words in card.words.values() for name in (words.name, *words.aliases))


def _questions() -> Iterator[Topic]:
    for q in load_questions().values():
        titles = tuple(q.words[lang].question for lang in LANGUAGES)
        yield _topic(q.id, "question", q.names, q.topic, q.id, room=q.topic, titles=titles)
    for group in load_groups().values():
        names = (group.id, *group.title.values())
        yield _topic(group.id, "group", names, group.topic, group.id, room=group.topic)


def _reading() -> Iterator[Topic]:
    yield _topic("reading", "guide", ("reading", "reading.toml", "읽기", "표 읽기"))


def _topics_of(group: str, sort: str, *before: str) -> Iterator[Topic]:
    """Topics whose names stand in a table of names, found by the name in each language too."""
    spoken = [Messages(lang) for lang in LANGUAGES]
    for name in spoken[0].names_of(group):
        names = (name, *(messages.name(group, name) for messages in spoken))
        yield _topic(name, sort, names, *before, name)


def _steps() -> Iterator[Topic]:
    known = Messages("en").names_of("step-what")
    return (t for t in _topics_of("step", "step") if t.id in known)


def _learners() -> Iterator[Topic]:
    from mulle.learners.registry import CLASSIFIERS, REGRESSORS

    known = Messages("en").names_of("learner-what")
    yield from (topic for topic in _topics_of("learner", "learner") if topic.id in known)
    classes = [cls.__name__ for known in (CLASSIFIERS, REGRESSORS) for cls in known.values()]
    for name in dict.fromkeys(classes):
        yield _topic(name, "learner", (name,), name)


def _findings() -> Iterator[Topic]:
    codes = finding_codes()
    spoken = [Messages(lang) for lang in LANGUAGES]
    for key in spoken[0].titled("finding"):
        titles = (messages(f"finding.{key}.title") for messages in spoken)
        code = codes.get(key, key)
        yield _topic(code, "finding", (code, key, *titles), code, key)


def _decisions() -> Iterator[Topic]:
    for code in Messages("en").explained():
        yield _topic(code, "decision", (code,), code)


def _repairs() -> Iterator[Topic]:
    return _topics_of("repair", "repair")


def _notices() -> Iterator[Topic]:
    """What is left out of a table, or in doubt: by code, alone or behind its group."""
    for key in Messages("en"):
        group, _, code = key.removesuffix(".what").partition(".")
        if group in {"left-out", "doubt"} and key.endswith(".what"):
            yield _topic(code, group, (code, f"{group}.{code}"), group, code)


def _errors() -> Iterator[Topic]:
    for code in dict.fromkeys([*error_codes(), *error_classes()]):
        yield _topic(code, "error", (code,), code, error_classes().get(code, ""))


def _kinds() -> Iterator[Topic]:
    return _topics_of("kind", "kind", "kind")


def _metrics() -> Iterator[Topic]:
    return _topics_of("metric", "metric", "metric")


def _settings() -> Iterator[Topic]:
    """Settings of steps and learners, as `PowerTransform.method`: the page of their owner."""
    from mulle.learners.registry import CLASSIFIERS, REGRESSORS
    from mulle.steps import PLAN_STEPS

    owners = {step.__name__: step.parameters for step in PLAN_STEPS}
    owners |= {key: learner.parameters for key, learner in {**CLASSIFIERS, **REGRESSORS}.items()}
    for owner, settings in owners.items():
        for setting in settings:
            name = f"{owner}.{setting}"
            yield _topic(name, "setting", (name,), owner)


def _options() -> Iterator[Topic]:
    """Options of verbs, as `fit --time`, and the settings of the server, as `serve --host`."""
    for setting in Messages("en").names_of("setting"):
        name = f"serve --{setting.replace('_', '-')}"
        yield _topic(name, "option", (name,), name, f"setting.{setting}")
    for key in (k for k in Messages("en") if k.startswith("help.") and ".options." in k):
        verb, _, option = key.removeprefix("help.").partition(".options.")
        name = f"{verb.replace('.', ' ')} --{option.replace('_', '-')}"
        yield _topic(name, "option", (name,), name, key)


def _catalogue() -> Iterator[Topic]:
    """Rows of the catalogue that have no card yet: what their modules say."""
    for row, module in catalogue_rows().items():
        if row not in load_cards():
            yield _topic(row, "row", (row,), module)


if __name__ == "__main__":
    FILE.write_text(to_json(), encoding="utf-8")
