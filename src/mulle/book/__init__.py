"""The book: chapters in the order they are read, each over cards of `mulle.cards`."""

from mulle.book.chapters import Chapter, load_chapters

__all__ = ["Chapter", "load_chapters"]
