"""The language of the person: a block's, else the process's, else MULLE_LANG or the locale's.

`set_language` holds for the whole process: threads see it, and child processes inherit it through
MULLE_LANG. `in_language` holds for one block, such as the answer to one request, and ends with it.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from contextvars import ContextVar

from mulle.i18n.format import Lang

LANGUAGES: tuple[Lang, ...] = ("en", "ko")
VARIABLE = "MULLE_LANG"
_VARIABLES = (VARIABLE, "LC_ALL", "LC_MESSAGES", "LANG")  # the first that is set decides
_of_block: ContextVar[Lang | None] = ContextVar("language", default=None)


class _Process:
    """The language that was set for this process, and MULLE_LANG as it was before."""

    lang: Lang | None = None
    inherited: str | None = None


def current_language() -> Lang:
    """Return the language in which sentences are made where none is named."""
    return _of_block.get() or _Process.lang or _of_locale()


def set_language(lang: Lang | None) -> None:
    """Make all later sentences of this process, its threads and its children in `lang`.

    Args:
        lang: None goes back to the language of the environment.
    """
    if _Process.lang is None:
        _Process.inherited = os.environ.get(VARIABLE)
    _Process.lang = lang
    value = lang or _Process.inherited
    if value is None:
        os.environ.pop(VARIABLE, None)
    else:
        os.environ[VARIABLE] = value


@contextlib.contextmanager
def in_language(lang: Lang) -> Iterator[None]:
    """Make sentences in `lang` inside the block, in this thread or task only."""
    token = _of_block.set(lang)
    try:
        yield
    finally:
        _of_block.reset(token)


def _of_locale() -> Lang:
    """Return the language of the first variable that is set, as in POSIX; English for others."""
    named = next((os.environ[name] for name in _VARIABLES if os.environ.get(name)), "")
    return "ko" if named.lower().startswith("ko") else "en"
