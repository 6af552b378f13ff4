"""The page on a learner: what it does, its settings for classes and for values, lines of a plan."""

from __future__ import annotations

from mulle.errors import UnknownName
from mulle.i18n import Lang, Messages
from mulle.learners.base import Learner
from mulle.learners.registry import CLASSIFIERS, REGRESSORS
from mulle.settings import describe, example_settings


def describe_learner(name: str, lang: Lang) -> str:
    """Return the page on a learner that `mulle explain` shows.

    Args:
        name: of the learner, as a plan names it (`lightgbm`), or of a class
            (`LightGBMClassifier`). Where the settings for classes and for values differ, the
            first gives both.
        lang: the language.

    Raises:
        UnknownName: there is no such learner; near names are offered.
    """
    names = {cls.__name__: key for r in (CLASSIFIERS, REGRESSORS) for key, cls in r.items()}
    key = names.get(name, name)
    if key not in CLASSIFIERS:
        raise UnknownName("learner-unknown", "learner", name, [*CLASSIFIERS, *names])
    pages = [_page(key, cls, name, lang) for cls in _classes(key, name)]
    return "\n\n".join(pages)


def _classes(key: str, name: str) -> list[type[Learner]]:
    """Return the classes whose settings are shown: one where those of both are the same."""
    both: list[type[Learner]] = [CLASSIFIERS[key], REGRESSORS[key]]
    if name != key:
        return [cls for cls in both if cls.__name__ == name]
    return both[:1] if both[0].parameters == both[1].parameters else both


def _page(key: str, cls: type[Learner], name: str, lang: Lang) -> str:
    messages = Messages(lang)
    same = CLASSIFIERS[key].parameters == REGRESSORS[key].parameters
    title = f"{key if name == key and same else cls.__name__}: {messages(f'learner.{key}')}"
    return describe(cls, title, [messages(f"learner-what.{key}")], example_of(key, cls), lang)


def example_of(key: str, cls: type[Learner]) -> str:
    """Return lines of a `plan.toml` that use a learner."""
    lines = ["[[plan]]", f'name = "my {key}"', f'learner = "{key}"']
    if settings := example_settings(cls):
        lines.append(f"params = {{ {', '.join(settings)} }}")
    lines += ["", "[[plan.features]]", 'columns = ["age", "fare"]']
    return "\n".join(lines)
