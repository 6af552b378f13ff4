"""All that `mulle explain` can explain, by name: read from a file that ships with mulle.

`topics.json` is written by `python -m mulle.cli.topic_sources`, so that a look-up imports no step
and no learner, parses no card but the one it prints, and searches no source.
"""

from __future__ import annotations

import functools
import json
from dataclasses import asdict, dataclass
from importlib import resources
from typing import Any

from mulle.cards import Index, find_card, load_topic
from mulle.cli.topic_pages import PAGES
from mulle.i18n import LANGUAGES, Lang


@dataclass(frozen=True)
class Topic:
    """One thing that can be explained.

    Attributes:
        id: of the card, the code, or the name.
        sort: what kind of thing it is, a key of `PAGES`.
        room: that it is listed in: of its card, or the name of its sort.
        names: everything that it answers to, its id first.
        titles: its name in each of `LANGUAGES`.
        args: what its page is made of; for a setting, the page of its owner.
    """

    id: str
    sort: str
    room: str
    names: tuple[str, ...]
    titles: tuple[str, ...]
    args: tuple[str, ...] = ()

    def render(self, lang: Lang, *, markdown: bool = False) -> str:
        """Return the explanation in a language, as text or as Markdown."""
        ready = shipped()[1].get(self.args[0]) if self.sort in READY else None
        if ready:
            return ready[lang]
        marks = {"markdown": markdown} if self.sort in MARKED else {}
        return PAGES[self.sort](*self.args, lang, **marks)

    def title(self, lang: Lang) -> str:
        """Return its name in a list."""
        return self.titles[LANGUAGES.index(lang)]

    def data(self) -> dict[str, Any]:
        """Return the fields of a card or a question, for programs; nothing for other topics."""
        if self.sort == "card":
            return {"card": asdict(find_card(self.args[0], self.id))}
        if self.sort == "question":
            found = next(q for q in load_topic(self.args[0])[0] if q.id == self.id)
            return {"question": asdict(found)}
        return {}


# Sorts whose pages ship whole: to write one, a step or a learner would have to be imported.
READY = ("step", "learner", "setting")
MARKED = ("card", "question", "group")  # whose pages have a form in Markdown of their own


@functools.cache
def shipped() -> tuple[tuple[Topic, ...], dict[str, dict[Lang, str]]]:
    """Return the topics that ship with mulle, and the pages of steps and learners by name."""
    text = resources.files(__package__).joinpath("topics.json").read_text(encoding="utf-8")
    data = json.loads(text)
    topics = tuple(
        Topic(id, sort, room, tuple(names), tuple(titles), tuple(args))
        for id, sort, room, names, titles, args in data["topics"]
    )
    return topics, data["pages"]


def topics() -> tuple[Topic, ...]:
    """Return every topic; where several share a name, the fuller ones come first."""
    return shipped()[0]


@functools.cache
def index() -> Index[Topic]:
    """Return the topics by their names."""
    return Index((topic.names, topic) for topic in topics())
