"""Column names: in NFC, without surrounding blanks, never empty, each one once."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

from mulle.table.types import WHITESPACE
from mulle.table.types.column import Repair


def tidy_name(name: str) -> str:
    """Return a name as a table has it: in NFC, without surrounding blanks.

    >>> tidy_name(" nai\u0308ve ")
    'naïve'
    """
    return unicodedata.normalize("NFC", name).strip(WHITESPACE)


def tidy_names(names: Sequence[str], *, repair: bool = True) -> tuple[list[str], list[Repair]]:
    """Make names that can stand side by side, and list what was changed.

    An empty or repeated name is changed even when nothing is to be repaired: no frame can hold it.

    >>> tidy_names(["a", " b", "a", ""])[0]
    ['a', 'b', 'a_2', 'column_4']
    """
    made: list[Repair] = []
    now = list(names)
    if repair:
        now = _step("header-nfc", now, [unicodedata.normalize("NFC", n) for n in now], made)
        now = _step("header-whitespace", now, [n.strip(WHITESPACE) for n in now], made)
    filled = [n or f"column_{i}" for i, n in enumerate(now, 1)]
    now = _step("header-empty", now, filled, made)
    return _step("header-duplicate", now, _unique(now), made), made


def _step(code: str, before: list[str], after: list[str], made: list[Repair]) -> list[str]:
    pairs = [(b, a) for b, a in zip(before, after, strict=True) if a != b]
    if pairs:
        example = {"before": pairs[0][0], "after": pairs[0][1]}
        made.append(Repair(code, count=len(pairs), values=example))
    return after


def _unique(names: list[str]) -> list[str]:
    taken = set(names)
    seen: set[str] = set()
    last: dict[str, int] = {}  # where counting stopped, so that a thousand of a name take no longer
    out = []
    for name in names:
        number = last.get(name, 1)
        new = name if number == 1 else f"{name}_{number}"
        while new in seen or (number > 1 and new in taken):
            number += 1
            new = f"{name}_{number}"
        last[name] = number
        seen.add(new)
        out.append(new)
    return out
