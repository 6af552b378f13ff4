"""Cards: what a learner reads about one idea, in Korean and English, with a snippet that runs.

A card is a file of TOML in the folder of its room; nothing else needs to be changed for a new one.
Questions stand in `questions`, one file a topic.
"""

from mulle.cards.card import CARDS, Card, Words, find_card, load_cards, read_card
from mulle.cards.lookup import Index, fold
from mulle.cards.question import (
    TOPICS,
    Group,
    Question,
    load_groups,
    load_questions,
    load_topic,
    read_topic,
)
from mulle.cards.render import render_card, render_group, render_question

__all__ = [
    "CARDS",
    "TOPICS",
    "Card",
    "Group",
    "Index",
    "Question",
    "Words",
    "find_card",
    "fold",
    "load_cards",
    "load_groups",
    "load_questions",
    "load_topic",
    "read_card",
    "read_topic",
    "render_card",
    "render_group",
    "render_question",
]
