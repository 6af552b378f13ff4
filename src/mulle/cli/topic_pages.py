"""The page of each sort of topic, as `mulle explain` prints it: what is needed is read then."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable
from pathlib import Path

from mulle import errors
from mulle.cards import find_card, load_topic, render_card, render_group, render_question
from mulle.i18n import Lang, Messages
from mulle.i18n.examples import PARTS, example_of, example_values

_ROWS = re.compile(r"^catalogue  (.+(?:\n +.+)*)", re.MULTILINE)  # goes on where indented


def _card(room: str, id: str, lang: Lang, *, markdown: bool = False) -> str:
    return render_card(find_card(room, id), lang, markdown=markdown)


def _question(topic: str, id: str, lang: Lang, *, markdown: bool = False) -> str:
    return render_question(
        next(q for q in load_topic(topic)[0] if q.id == id), lang, markdown=markdown
    )


def _group(topic: str, id: str, lang: Lang, *, markdown: bool = False) -> str:
    return render_group(
        next(g for g in load_topic(topic)[1] if g.id == id), lang, markdown=markdown
    )


def _reading(lang: Lang) -> str:
    from mulle.table.read.describe import describe_reading

    return describe_reading(lang)


def _step(name: str, lang: Lang) -> str:
    from mulle.steps import describe_step

    return describe_step(name, lang)


def _learner(name: str, lang: Lang) -> str:
    from mulle.learners.describe import describe_learner

    return describe_learner(name, lang)


def _finding(code: str, key: str, lang: Lang) -> str:
    messages = Messages(lang)
    parts = [f"{code}  {messages(f'finding.{key}.title')}"]
    parts += [f"{label}\n  {text}" for label, text in messages.about(key)]
    return "\n\n".join(parts)


def _decision(code: str, lang: Lang) -> str:
    return Messages(lang)(f"why.{code}")


def _repair(code: str, lang: Lang) -> str:
    messages = Messages(lang)
    return messages("explain.repair", name=messages.name("repair", code), why=_decision(
        "repair-made", lang))  # fmt: skip


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


def _error(code: str, kind: str, lang: Lang) -> str:
    messages = Messages(lang)
    parts = [
        messages("explain.error", code=code, what=example_of(code, "what", lang)),
        messages("explain.fix", fix=example_of(code, "fix", lang)),
    ]
    if kind:
        parts.append(messages(f"error-class.{kind}"))
    return "\n".join(parts)


def _about(group: str, name: str, lang: Lang) -> str:
    """Return a name with the sentence on it; averages over classes share the one of their base."""
    messages = Messages(lang)
    title = f"{name}: {messages.name(group, name)}"
    base, _, average = name.rpartition("_")
    if f"about-{group}.{name}" in messages:
        return f"{title}\n\n{messages(f'about-{group}.{name}')}"
    parts = (messages(f"about-{group}.{base}"), messages(f"about-average.{average}"))
    return f"{title}\n\n{' '.join(parts)}"


def _option(name: str, key: str, lang: Lang) -> str:
    return f"mulle {name}\n\n{Messages(lang)(key)}"


def _row(module: str, lang: Lang) -> str:
    """Return what the module of a row says of it; docstrings are English in both languages."""
    root = Path(errors.__file__).parent
    path = root.joinpath(*module.split(".")[1:])
    path = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
    document = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
    return f"{module}\n\n{_ROWS.sub('', document).strip()}"


# The page of a sort is made of a topic's own arguments and the language.
PAGES: dict[str, Callable[..., str]] = {
    "card": _card,
    "question": _question,
    "group": _group,
    "guide": _reading,
    "step": _step,
    "learner": _learner,
    "finding": _finding,
    "decision": _decision,
    "repair": _repair,
    "left-out": _notice,
    "doubt": _notice,
    "error": _error,
    "kind": _about,
    "metric": _about,
    "option": _option,
    "row": _row,
}
