"""Decisions as a list of sentences; of many alike only the first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mulle.decisions import Decision
    from mulle.i18n import Messages

_ALIKE = 6  # sentences of one code that are shown, before the rest is only counted


def sentences(decisions: Iterable[Decision], words: Messages) -> str:
    """One line a decision, in the order they were made.

    >>> from mulle.decisions import Decision
    >>> from mulle.report import Messages
    >>> log = [Decision("baseline-done", values={"score": n / 10}) for n in range(9)]
    >>> print(sentences(log, Messages("en")).splitlines()[-1])
    - … and 3 more: mulle explain baseline-done --format json
    """
    told = {words.sentence(decision): decision.code for decision in decisions}
    of_code, shown = Counter(told.values()), Counter[str]()
    lines = []
    for sentence, code in told.items():
        shown[code] += 1
        if shown[code] <= _ALIKE:
            lines.append(f"- {sentence}")
        if shown[code] == of_code[code] > _ALIKE:
            more = of_code[code] - _ALIKE
            lines.append(f"- … and {more} more: mulle explain {code} --format json")
    return "\n".join(lines)
