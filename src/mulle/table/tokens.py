"""Tokens of texts, as a pretrained model reads them: `tokenizer.json` applied before the graph.

Texts are brought to NFC first. Words that look like special tokens ("[SEP]") are text like any
other, so that nobody writes instructions to the model into a cell.

catalogue  uni-nfc
"""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from mulle.errors import DataError, MissingExtra, MissingFile

LARGEST_FILE = 200_000_000  # bytes of a tokenizer.json
FILE, WORDS = "tokenizer.json", "vocab.txt"
_SPM = ("sentencepiece.bpe.model", "spiece.model", "tokenizer.model", "spm.model")

PADDING = -1  # id behind shorter texts in a graph, so that no token is taken for padding


class Tokens(NamedTuple):
    """Ids of texts, padded behind to the longest.

    Attributes:
        ids: (n, t) int64.
        mask: (n, t) bool, True where a token stands.
        cut: texts that had more tokens than there was room for.
    """

    ids: np.ndarray
    mask: np.ndarray
    cut: int


class Tokenizer:
    """Split texts into the tokens of one model.

    Args:
        definition: content of a `tokenizer.json`.
        max_length: most tokens of a text, with those that begin and end it; longer texts are cut.
        pad_id: id that stands behind shorter texts.
        prefix: put before each text, where the model was trained with one ("query: ").
        where: the file, for refusals.

    Raises:
        MissingExtra: the library `tokenizers` is not installed.
        DataError: the definition is none.
    """

    def __init__(
        self,
        definition: str,
        *,
        max_length: int = 128,
        pad_id: int = 0,
        prefix: str = "",
        where: str = "",
    ) -> None:
        library = _library()
        try:
            tokenizer = library.Tokenizer.from_str(definition)
        except Exception as error:  # the library raises nothing more special
            raise DataError("tokenizer-broken", where=where, error=str(error)[:200]) from error
        self.definition = definition
        self.max_length, self.pad_id, self.prefix = max_length, pad_id, prefix
        tokenizer.no_padding()
        tokenizer.no_truncation()
        self.size = int(tokenizer.get_vocab_size(with_added_tokens=True))
        self._tokenizer = tokenizer
        tokenizer.encode_special_tokens = True

    def __call__(self, texts: Sequence[str], max_length: int | None = None) -> Tokens:
        """Return the ids of some texts."""
        rows, cut = self.rows(texts, max_length)
        width = max(map(len, rows), default=0)
        ids = np.full((len(rows), width), self.pad_id, np.int64)
        for i, row in enumerate(rows):
            ids[i, : len(row)] = row
        lengths = np.array([len(row) for row in rows], np.int64)
        return Tokens(ids, np.arange(width) < lengths[:, None], cut)

    def rows(
        self, texts: Sequence[str], max_length: int | None = None
    ) -> tuple[list[list[int]], int]:
        """Return the ids of each text, and how many texts were cut."""
        limit = max_length or self.max_length
        self._tokenizer.enable_truncation(limit)
        ready = [self.prefix + unicodedata.normalize("NFC", text) for text in texts]
        found = self._tokenizer.encode_batch(ready)
        return [list(one.ids) for one in found], sum(bool(one.overflowing) for one in found)

    def pieces(self, text: str) -> list[str]:
        """Return the pieces of a text, without those that begin and end it."""
        self._tokenizer.no_truncation()
        ready = unicodedata.normalize("NFC", text)
        return list(self._tokenizer.encode(ready, add_special_tokens=False).tokens)

    @property
    def unknown(self) -> str | None:
        """The piece that stands for what the model does not know; None where all is spelt out."""
        model = json.loads(self.definition).get("model", {})
        if isinstance(model.get("unk_id"), int):
            return str(model["vocab"][model["unk_id"]][0])
        piece = model.get("unk_token")
        return None if piece is None else str(piece)


def read_tokenizer(
    folder: Path, *, max_length: int = 128, pad_id: int = 0, prefix: str = ""
) -> Tokenizer:
    """Read the tokenizer of a model's folder: `tokenizer.json`, or `vocab.txt` of WordPiece.

    Raises:
        MissingFile: there is none, or only one of SentencePiece.
        MissingExtra, DataError: see `Tokenizer`.
    """
    settings: dict[str, Any] = {"max_length": max_length, "pad_id": pad_id, "prefix": prefix}
    path = folder / FILE
    if path.is_file():
        if path.stat().st_size > LARGEST_FILE:
            raise DataError("tokenizer-broken", where=str(path), error="too large")
        try:
            definition = path.read_text(encoding="utf-8")
        except UnicodeDecodeError as error:
            raise DataError("tokenizer-broken", where=str(path), error=error) from error
        return Tokenizer(definition, where=str(path), **settings)
    if (folder / WORDS).is_file():
        return Tokenizer(_from_words(folder), where=str(folder / WORDS), **settings)
    for name in _SPM:
        if (folder / name).is_file():
            raise MissingFile("tokenizer-sentencepiece", where=str(folder), name=name)
    raise MissingFile("tokenizer-none", where=str(folder), name=folder.name)


def _from_words(folder: Path) -> str:
    """Return the definition of a WordPiece tokenizer of a list of words, a line each.

    source  Devlin et al. 2019, arXiv:1810.04805: clean, split at blanks and punctuation, then take
            the longest known piece again and again
    """
    lines = (folder / WORDS).read_text(encoding="utf-8").splitlines()
    vocabulary = {line.strip("\n"): i for i, line in enumerate(lines)}
    if not {"[CLS]", "[SEP]", "[UNK]"} <= vocabulary.keys():
        raise DataError(
            "tokenizer-broken", where=str(folder / WORDS), error="[CLS], [SEP] or [UNK] is missing"
        )
    try:
        config = json.loads((folder / "tokenizer_config.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        config = {}
    _library()
    from tokenizers import AddedToken, Tokenizer, models, normalizers, pre_tokenizers, processors

    tokenizer = Tokenizer(models.WordPiece(vocabulary, unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer(
        lowercase=bool(config.get("do_lower_case", True)),
        strip_accents=config.get("strip_accents"),
        handle_chinese_chars=bool(config.get("tokenize_chinese_chars", True)),
    )
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    ends = [(token, vocabulary[token]) for token in ("[CLS]", "[SEP]")]
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", special_tokens=ends
    )
    special = [t for t in ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]") if t in vocabulary]
    tokenizer.add_special_tokens([AddedToken(t, special=True) for t in special])
    return str(tokenizer.to_str())


def _library() -> Any:
    try:
        import tokenizers
    except ImportError as error:
        raise MissingExtra("tokenizers", "text", "tokenize-texts") from error
    return tokenizers
