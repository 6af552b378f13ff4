"""What is not used of a table and what is in doubt: a short block on stderr, or plain data."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from mulle.cli import console
from mulle.language import messages

if TYPE_CHECKING:
    from mulle.i18n import Messages
    from mulle.table import Doubt, LeftOut

MAX_NOTICES = 12  # of a block on stderr


def tell(left_out: Sequence[LeftOut], doubts: Sequence[Doubt], source: str) -> None:
    """Print what is in doubt and what is not used on stderr, each in a line with its option.

    Args:
        left_out: what is not used.
        doubts: what is in doubt; it comes first.
        source: the file, for the command that shows the rest.
    """
    words = messages()
    lines = render_notices(left_out, doubts, words, most=MAX_NOTICES)
    more = len(left_out) + len(doubts) - MAX_NOTICES
    if more > 0:
        lines.append(f"  {words('read.more-notices', count=more, source=source)}")
    if lines:
        console.note("\n".join(lines))


def render_notices(
    left_out: Sequence[LeftOut], doubts: Sequence[Doubt], words: Messages, most: int = 0
) -> list[str]:
    """Return what is in doubt and what is not used as lines under two headings.

    Args:
        left_out, doubts: of a reading or a run.
        words: of the language.
        most: the most notices; 0 for all.
    """
    from mulle.table.sentences import describe

    lines: list[str] = []
    left = most or len(left_out) + len(doubts)
    for key, told in (("doubts", doubts), ("left-out", left_out)):
        shown = told[:left]
        left -= len(shown)
        if shown:
            lines.append(f"{words(f'read.{key}')}:")
            lines += [f"  {' '.join(describe(one, words))}" for one in shown]
    return lines


def notices_json(left_out: Sequence[LeftOut], doubts: Sequence[Doubt]) -> dict[str, Any]:
    """Return what is not used and what is in doubt as plain data, with their sentences."""
    import msgspec

    from mulle.table.sentences import describe

    words = messages()

    def to_data(one: LeftOut | Doubt) -> dict[str, Any]:
        return {**msgspec.to_builtins(one), **describe(one, words)._asdict()}

    return {
        "left_out": [to_data(one) for one in left_out],
        "doubts": [to_data(one) for one in doubts],
    }
