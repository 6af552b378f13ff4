"""Every refusal says what happened, where, and what to do about it.

    MulleError
    ├── UsageError        the command or the call was wrong                 (ValueError)
    ├── UnknownName       a name that does not exist, with near misses      (LookupError)
    ├── MissingFile       a path that is not there                          (FileNotFoundError)
    ├── DataError         the table cannot be used as it is                 (ValueError)
    ├── PredictionError   the rows do not fit the model                     (ValueError)
    ├── BundleError       a model file that is damaged or not to be trusted (ValueError)
    ├── MissingExtra      an optional library is needed                     (ImportError)
    └── RunError          the work itself failed                            (RuntimeError)

An error carries a `code` in words (`table-empty`) and values; its sentences stand in `i18n` under
`error.CODE.what` and `error.CODE.fix`, in both languages, with the values as their blanks.
`mulle explain CODE` shows them. The exit code of the command line is 2 for a wrong command, else 1.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from typing import Any

from mulle.i18n import Lang, Messages, current_language

_LISTED = 12  # known names that are listed where none is near


class MulleError(Exception):
    """A refusal: its code, the values of its sentences, and where it happened.

    Args:
        code: stable name of the error, in kebab case.
        where: the file, folder or address it happened in, if there is one.
        values: the blanks of its sentences. Of `row` (1-based), `line` (1-based) and `column` the
            place is made, where they are given and the sentence does not name them itself.
    """

    exit_code = 1

    def __init__(self, code: str, *, where: object = "", **values: Any) -> None:
        self.code, self.place, self.values = code, str(where), values
        super().__init__(code)

    @property
    def what(self) -> str:
        """One sentence on what happened, in the person's language."""
        return self.render_what(current_language())

    @property
    def fix(self) -> str:
        """The next thing to do, in the person's language; never empty."""
        return self.render_fix(current_language())

    @property
    def where(self) -> str:
        """The place it happened in, in the person's language; "" where there is none."""
        return self.render_where(current_language())

    def render_what(self, lang: Lang) -> str:
        """Say what happened, in `lang`."""
        return Messages(lang)(f"error.{self.code}.what", **self.values)

    def render_fix(self, lang: Lang) -> str:
        """Say what to do, in `lang`."""
        return Messages(lang)(f"error.{self.code}.fix", **self.values)

    def render_where(self, lang: Lang) -> str:
        """Say where it happened, in `lang`: the file, then the place in it."""
        messages = Messages(lang)
        used = messages.blanks_of(f"error.{self.code}.what")
        parts = [self.place] if self.place else []
        for part in ("line", "row", "column"):
            if self.values.get(part) is not None and part not in used:
                parts.append(messages(f"where.{part}", value=self.values[part]))
        return ", ".join(parts)

    def __str__(self) -> str:
        messages = Messages(current_language())
        place = f"\n  {messages('where.label')}: {self.where}" if self.where else ""
        return f"{self.what}{place}\n  {messages('where.fix')}: {self.fix}"


class UsageError(MulleError, ValueError):
    """The command or the call was wrong."""

    exit_code = 2


class UnknownName(UsageError, LookupError):
    """A name that does not exist where it was looked for; near misses are offered.

    Args:
        code: stable name of the error.
        sort: what kind of thing was named, a key of `sort` in `i18n` (`column`, `metric`).
        name: the name that was given.
        known: the names there are.
        where: the file it happened in, if there is one.
        values: further blanks, where `error.CODE.what` has a sentence of its own.
    """

    def __init__(
        self, code: str, sort: str, name: str, known: Iterable[str], where: object = "",
        **values: Any,
    ) -> None:  # fmt: skip
        self.sort, self.name, self.known = sort, name, list(known)
        super().__init__(code, where=where, sort=sort, name=name, **values)

    def render_what(self, lang: Lang) -> str:
        """Say which name does not exist, in `lang`."""
        messages = Messages(lang)
        own = f"error.{self.code}.what"
        return messages(own if own in messages else "error.unknown-name.what", **self.values)

    def render_fix(self, lang: Lang) -> str:
        """Offer near names, or list those there are, in `lang`."""
        messages = Messages(lang)
        known = list(map(str, self.known))
        near = difflib.get_close_matches(str(self.name), known, n=3, cutoff=0.5)
        quoted = ", ".join(repr(name) for name in (near or known[:_LISTED]))
        more = 0 if near else max(0, len(known) - _LISTED)
        own = f"error.{self.code}.fix"
        if not known and own not in messages:
            return messages("error.unknown-name.fix-none", **self.values)
        kind = "fix-near" if near else "fix-more" if more else "fix"
        key = own if own in messages and not near else f"error.unknown-name.{kind}"
        return messages(key, **self.values, names=quoted, more=more)

    def render_where(self, lang: Lang) -> str:
        """Say where the name was looked for."""
        return self.place


class MissingFile(UsageError, FileNotFoundError):
    """A path that is not there."""


class DataError(MulleError, ValueError):
    """The table cannot be used as it is."""


class PredictionError(MulleError, ValueError):
    """The rows do not fit the model."""


class BundleError(MulleError, ValueError):
    """A model file that is damaged, or not to be trusted."""


class MissingExtra(MulleError, ImportError):
    """An optional library is needed and not installed.

    Args:
        library: its name, as on PyPI.
        extra: the extra of mulle that brings it.
        purpose: what needs it, a key of `purpose` in `i18n` (`read-excel`).
    """

    def __init__(self, library: str, extra: str, purpose: str) -> None:
        super().__init__("extra-missing", library=library, extra=extra, purpose=purpose)


class RunError(MulleError, RuntimeError):
    """The work itself failed."""
