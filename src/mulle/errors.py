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

Each error carries a `code` in words (`table-empty`), so that it can be looked up with
`mulle explain CODE`, and the exit code of the command line: 2 for a wrong command, 1 else.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from typing import Any


class MulleError(Exception):
    """What went wrong (with the value received), where, and what to do.

    Args:
        code: stable name of the error, in kebab case.
        what: one sentence on what happened.
        fix: the next thing to do, as a command where possible; never empty.
        where: the file, row or column it happened in, if there is one.
        values: what the sentence names, for those who say it in another language.
    """

    exit_code = 1

    def __init__(
        self,
        code: str,
        what: str,
        *,
        fix: str,
        where: str = "",
        values: Mapping[str, Any] | None = None,
    ) -> None:
        self.code, self.what, self.fix, self.where = code, what, fix, where
        self.values = dict(values or {})
        super().__init__(what)

    def __str__(self) -> str:
        place = f"\n  where: {self.where}" if self.where else ""
        return f"{self.what}{place}\n  fix: {self.fix}"


class UsageError(MulleError, ValueError):
    """The command or the call was wrong."""

    exit_code = 2


class UnknownName(UsageError, LookupError):
    """A name that does not exist where it was looked for; near misses are offered."""

    def __init__(self, code: str, sort: str, name: str, known: Iterable[str], where: str = ""):
        known = list(known)
        near = difflib.get_close_matches(name, known, n=3, cutoff=0.5)
        listed = ", ".join(repr(k) for k in (near or known[:12]))
        more = "" if near or len(known) <= 12 else f", and {len(known) - 12} more"
        fix = f"Did you mean {listed}?" if near else f"Choose one of {listed}{more}."
        super().__init__(code, f"There is no {sort} named {name!r}.", fix=fix, where=where)
        self.name, self.known = name, known


class MissingFile(UsageError, FileNotFoundError):
    """A path that is not there."""


class DataError(MulleError, ValueError):
    """The table cannot be used as it is."""


class PredictionError(MulleError, ValueError):
    """The rows do not fit the model."""


class BundleError(MulleError, ValueError):
    """A model file that is damaged, or not to be trusted."""


class MissingExtra(MulleError, ImportError):
    """An optional library is needed and not installed."""

    def __init__(self, library: str, extra: str, purpose: str) -> None:
        super().__init__(
            "extra-missing",
            f"{purpose} needs {library}, which is not installed.",
            fix=f'pip install "mulle[{extra}]"',
        )


class RunError(MulleError, RuntimeError):
    """The work itself failed."""
