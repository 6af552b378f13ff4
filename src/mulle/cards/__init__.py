"""Cards: what a learner reads about one idea, in Korean and English, with a snippet that runs.

A card is a file of TOML in the folder of its room; nothing else needs to be changed for a new one.
"""

from mulle.cards.card import CARDS, Card, Words, load_cards, read_card
from mulle.cards.lookup import Index, fold
from mulle.cards.render import render_card

__all__ = ["CARDS", "Card", "Index", "Words", "fold", "load_cards", "read_card", "render_card"]
