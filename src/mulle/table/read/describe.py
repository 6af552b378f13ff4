"""The page on how tables are read: what stands in the file of a reading, key by key."""

from __future__ import annotations

from collections.abc import Mapping

from mulle.constraints import Constraint
from mulle.i18n import Lang, Messages
from mulle.table.read.reading_file import COLUMN_KEYS, FILE_KEYS


def describe_reading(lang: Lang) -> str:
    """Return what a reading is, and the keys of its file with what each may be."""
    words = Messages(lang)
    parts = [
        words("reading-file.about"),
        f"{words('reading-file.of-file')}\n{_listed(FILE_KEYS, words)}",
        f"{words('reading-file.of-column')}\n{_listed(COLUMN_KEYS, words)}",
    ]
    return "\n\n".join(parts)


def _listed(keys: Mapping[str, Constraint], words: Messages) -> str:
    return "\n".join(
        f"  {key}: {words(f'reading-key.{key}')} ({constraint.render(words.lang)})"
        for key, constraint in keys.items()
    )
