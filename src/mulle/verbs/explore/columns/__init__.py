"""One card a column, by what the column is."""

from mulle.verbs.explore.columns.card import Look, card_of

__all__ = ["Look", "card_of"]
