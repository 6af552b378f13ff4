"""The page on a step: what it computes, why it is used, its settings, and lines of a plan."""

from __future__ import annotations

from mulle.errors import UnknownName
from mulle.i18n import Lang, Messages
from mulle.settings import describe, example_settings
from mulle.steps.registry import PLAN_STEPS
from mulle.table import Storage

_COLUMNS = {
    Storage.number: '["age", "fare"]',
    Storage.date: '["ordered", "delivered"]',
    Storage.string: '["city"]',
}
_BEFORE = {  # steps that must come first in a chain
    "LSA": ("TfIdf",),
    "PCA": ("Impute", "StandardScale"),
    "TextScore": ("TfIdf",),
}
_VALUES = {"OrdinalCodes": {"order": ["low", "medium", "high"]}}  # where there is no default
_BY_NAME = {step.__name__: step for step in PLAN_STEPS}


def describe_step(name: str, lang: Lang) -> str:
    """Return the page on a step that `mulle explain` shows.

    Args:
        name: of the class, as a plan names it.
        lang: the language.

    Raises:
        UnknownName: there is no such step; near names are offered.
    """
    if name not in _BY_NAME:
        raise UnknownName("step-unknown", "step", name, _BY_NAME)
    messages = Messages(lang)
    title = f"{name}: {messages(f'step.{name}')}"
    paragraphs = (messages(f"step-what.{name}"), messages(f"step-why.{name}"))
    return describe(_BY_NAME[name], title, paragraphs, example_of(name), lang)


def example_of(name: str) -> str:
    """Return lines of a `plan.toml` that use a step, with the steps that must come before it."""
    chain = [*_BEFORE.get(name, ()), name]
    settings = example_settings(_BY_NAME[name], _VALUES.get(name, {}))
    entries = [f'{{ step = "{step}" }}' for step in chain[:-1]]
    entries.append(f'{{ step = "{name}"{"".join(f", {setting}" for setting in settings)} }}')
    columns = _COLUMNS[_BY_NAME[chain[0]].storage]
    return f"[[plan.features]]\ncolumns = {columns}\nsteps = [{', '.join(entries)}]"
