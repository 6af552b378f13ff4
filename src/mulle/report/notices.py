"""The section of a page on what is not used of a table, and what is in doubt."""

from __future__ import annotations

from collections.abc import Sequence

from mulle.i18n import Messages
from mulle.report.blocks import Callout, Callouts, Details, Heading, PageBlock
from mulle.table import Doubt, LeftOut
from mulle.table.sentences import describe

MAX_SHOWN = 12  # notices before the rest is folded away


def notices(
    left_out: Sequence[LeftOut], doubts: Sequence[Doubt], words: Messages
) -> list[PageBlock]:
    """Render what is in doubt and what is not used, each with the option that changes it."""
    items = [Callout(" ".join(describe(one, words)), "warning") for one in doubts]
    items += [Callout(" ".join(describe(one, words)), "note") for one in left_out]
    if not items:
        return []
    blocks: list[PageBlock] = [Heading(words("section.not-used")), Callouts(items[:MAX_SHOWN])]
    if len(items) > MAX_SHOWN:
        more = words("page.more-of", count=len(items) - MAX_SHOWN)
        blocks.append(Details(more, [Callouts(items[MAX_SHOWN:])]))
    return blocks
