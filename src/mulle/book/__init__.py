"""The book: chapters in the order they are read, over cards of `mulle.cards`, and a quiz."""

from mulle.book.chapters import Chapter, load_chapters
from mulle.book.quiz import Standing, load_progress, pick, save_progress, shuffle_choices

__all__ = [
    "Chapter",
    "Standing",
    "load_chapters",
    "load_progress",
    "pick",
    "save_progress",
    "shuffle_choices",
]
