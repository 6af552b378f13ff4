"""One summary a column, by what the column is."""

from mulle.verbs.explore.columns.summary import Look, summarize

__all__ = ["Look", "summarize"]
