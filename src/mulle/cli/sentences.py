"""Decisions as a list of sentences; of many alike only the first ones."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mulle.decisions import Decision
    from mulle.i18n import Messages

MAX_ALIKE = 6  # sentences of one code that are printed, before the rest is only counted


def list_sentences(decisions: Iterable[Decision], words: Messages) -> str:
    """Return one line for each decision, in order.

    >>> from mulle.decisions import Decision
    >>> from mulle.i18n import Messages
    >>> log = [Decision("baseline-done", values={"score": n / 10}) for n in range(9)]
    >>> print(list_sentences(log, Messages("en")).splitlines()[-1])
    - … and 3 more: mulle explain baseline-done --format json
    """
    of = {words.sentence(decision): decision.code for decision in decisions}
    of_code, printed = Counter(of.values()), Counter[str]()
    lines = []
    for sentence, code in of.items():
        printed[code] += 1
        if printed[code] <= MAX_ALIKE:
            lines.append(f"- {sentence}")
        if printed[code] == of_code[code] > MAX_ALIKE:
            more = of_code[code] - MAX_ALIKE
            lines.append("- " + words("cli.more-decisions", more=more, code=code))
    return "\n".join(lines)
