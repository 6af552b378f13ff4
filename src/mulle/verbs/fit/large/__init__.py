"""Tables that are larger than the memory: all their rows are boosted from matrices on the disk."""

from mulle.verbs.fit.large.table import LargeTable, watched

__all__ = ["LargeTable", "watched"]
