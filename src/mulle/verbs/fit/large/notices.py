"""What the pass over all rows found that the sample did not show: none of it goes unsaid."""

from __future__ import annotations

from mulle.table import Doubt, LeftOut, Target
from mulle.verbs.fit.data import Data
from mulle.verbs.fit.large.matrix import Seen

_MOST_LABELS = 5


def left_out_of(seen: Seen, target: Target) -> tuple[LeftOut, ...]:
    """Return the rows and cells that are not learned from, as far as the sample did not say."""
    found = []
    if seen.unlabelled:
        found.append(
            LeftOut("target-missing-in-all", target.name, seen.unlabelled, tuple(seen.first),
                    {"all": seen.rows})
        )  # fmt: skip
    if seen.strange:
        labels = list(seen.strange)[:_MOST_LABELS]
        count = sum(seen.strange.values())
        found.append(LeftOut("labels-late", target.name, count, values={"labels": labels}))
    for column, (count, examples) in seen.unread.items():
        found.append(LeftOut("cells-late", column, count, values={"examples": examples}))
    return tuple(found)


def doubts_of(seen: Seen, data: Data) -> tuple[Doubt, ...]:
    """Return what stands in the other rows and was not in the sample."""
    rows = len(data.train.y) + len(data.test.y)
    return tuple(
        Doubt("categories-late", column, count, {"examples": examples, "rows": rows})
        for column, (count, examples) in seen.late.items()
    )
