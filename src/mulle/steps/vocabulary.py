"""Cut a tokenizer's vocabulary to what texts of one kind need, where they are split as before.

Kept are the special tokens, every piece of a single character, and all pieces of the texts given;
then, the likelier first, those in the scripts of these texts or without letters, those of ASCII and
the others, until the size that is tried. A cut holds where all texts given are split as before, and
at most one in a hundred of the held-out ones is not. Vocabularies of merged pairs (BPE) are never
cut: their pieces are made of others.
"""

from __future__ import annotations

import json
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import numpy as np

from mulle.arrays import Array
from mulle.table.tokens import Tokenizer

SIZES = (
    8_000,
    16_000,
    24_000,
    32_000,
    48_000,
    64_000,
    96_000,
    128_000,
)  # that are tried, the smallest first
SMALL = 40_000  # pieces, from which on a cut is tried: below, little is gained
MOST_OF_VOCABULARY = 0.6  # that a cut may leave; above, it is not worth it
MOST_CHANGED = 0.01  # of the held-out texts
_OF_LETTERS = 0.2  # of all letters, that are in a script whose pieces are kept
_CUTTABLE = ("Unigram", "WordPiece")
_BEFORE = ("##", "\u2581")  # what marks a piece as inner, or as the beginning of a word


class Cut(NamedTuple):
    """A vocabulary that was cut.

    Attributes:
        definition: the tokenizer, as `tokenizer.json`.
        kept: ids of the pieces that are left, in their new order.
        changed: share of the held-out texts that are split otherwise.
    """

    definition: str
    kept: Array
    changed: float


def cut_vocabulary(
    tokenizer: Tokenizer, texts: Sequence[str], held_out: Sequence[str]
) -> Cut | None:
    """Return the smallest cut that holds; None where none does, or none is worth it.

    Args:
        tokenizer: to cut.
        texts: that must be split as before.
        held_out: further texts of the same kind.
    """
    definition = json.loads(tokenizer.definition)
    if tokenizer.size < SMALL or definition["model"].get("type") not in _CUTTABLE:
        return None
    pieces = _pieces(definition)
    before, _ = tokenizer.rows(texts, _FAR)
    others, _ = tokenizer.rows(held_out, _FAR)
    needed = {i for row in before for i in row}
    needed |= {entry["id"] for entry in definition["added_tokens"]}
    needed |= {i for i, piece in enumerate(pieces) if _is_single(piece)}
    if isinstance(definition["model"].get("unk_id"), int):
        needed.add(definition["model"]["unk_id"])
    further = [i for i in _by_likelihood(definition, pieces, texts) if i not in needed]
    for size in SIZES:
        if size > MOST_OF_VOCABULARY * len(pieces):
            return None
        kept = np.array(sorted({*needed, *further[: max(0, size - len(needed))]}))
        found = _checked(definition, tokenizer, kept, (texts, before), (held_out, others))
        if found is not None:
            return found
    return None


_FAR = 100_000  # tokens: texts are compared whole


def _checked(
    definition: dict[str, Any],
    tokenizer: Tokenizer,
    kept: Array,
    given: tuple[Sequence[str], list[list[int]]],
    held: tuple[Sequence[str], list[list[int]]],
) -> Cut | None:
    """Return a cut that keeps its promises, None if it does not."""
    text = _without(definition, kept)
    cut = Tokenizer(text, max_length=tokenizer.max_length, prefix=tokenizer.prefix)

    def differing(texts: Sequence[str], before: list[list[int]]) -> int:
        after, _ = cut.rows(texts, _FAR)
        return sum(kept[row].tolist() != old for row, old in zip(after, before, strict=True))

    changed = differing(*held) / max(1, len(held[0]))
    if changed > MOST_CHANGED or differing(*given):
        return None
    return Cut(text, kept, changed)


def _pieces(definition: dict[str, Any]) -> list[str]:
    """Return all pieces by their ids."""
    vocabulary = definition["model"]["vocab"]
    if isinstance(vocabulary, dict):
        return [piece for piece, _ in sorted(vocabulary.items(), key=lambda pair: pair[1])]
    return [piece for piece, _ in vocabulary]


def _without(definition: dict[str, Any], kept: Array) -> str:
    """Return the definition with those pieces alone, numbered anew."""
    new = {int(old): i for i, old in enumerate(kept)}
    left = json.loads(json.dumps(definition))
    model = left["model"]
    if isinstance(model["vocab"], dict):
        model["vocab"] = {p: new[i] for p, i in model["vocab"].items() if i in new}
    else:
        model["vocab"] = [model["vocab"][i] for i in kept]
        model["unk_id"] = new.get(model.get("unk_id"), model.get("unk_id"))
    for entry in left["added_tokens"]:
        entry["id"] = new[entry["id"]]
    _renumber(left.get("post_processor"), new)
    return json.dumps(left, ensure_ascii=False)


def _renumber(part: Any, new: dict[int, int]) -> None:
    """Renumber the special tokens of a post-processor, in place."""
    if not isinstance(part, dict):
        return
    for inner in part.get("processors", []):
        _renumber(inner, new)
    for token in part.get("special_tokens", {}).values():
        token["ids"] = [new[i] for i in token["ids"]]
    for name in ("sep", "cls"):
        if isinstance(part.get(name), list):
            part[name][1] = new[part[name][1]]


def _by_likelihood(
    definition: dict[str, Any], pieces: list[str], texts: Iterable[str]
) -> list[int]:
    """Return the ids of pieces, those in the scripts of the texts before the others."""
    scripts, vocabulary = _scripts(texts), definition["model"]["vocab"]
    tiers = [_tier(piece, scripts) for piece in pieces]
    if isinstance(vocabulary, dict):  # of WordPiece the frequent ones stand first
        return sorted(range(len(pieces)), key=tiers.__getitem__)
    return sorted(range(len(pieces)), key=lambda i: (tiers[i], -float(vocabulary[i][1])))


def _scripts(texts: Iterable[str]) -> set[str]:
    """Return the scripts that a good part of the letters are in."""
    letters = Counter(_script(c) for text in texts for c in text if c.isalpha())
    total = sum(letters.values())
    return {script for script, count in letters.items() if count >= _OF_LETTERS * total}


def _tier(piece: str, scripts: set[str]) -> int:
    """Return 0 for a piece whose letters are in these scripts, 1 for one of ASCII, 2 for others."""
    if all(_script(c) in scripts for c in piece if c.isalpha()):
        return 0
    return 1 if piece.removeprefix(_BEFORE[1]).isascii() else 2


def _script(character: str) -> str:
    """Return the script of a letter, by the first word of its name.

    >>> _script("한"), _script("a")
    ('HANGUL', 'LATIN')
    """
    return unicodedata.name(character, "?").partition(" ")[0]


def _is_single(piece: str) -> bool:
    for mark in _BEFORE:
        piece = piece.removeprefix(mark)
    return len(piece) <= 1
