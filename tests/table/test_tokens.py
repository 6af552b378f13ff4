"""Tokens of texts: those that `transformers` makes, in any Unicode form, with nothing lost."""

from __future__ import annotations

import unicodedata
from pathlib import Path

import numpy as np
import pytest

from mulle.errors import DataError, MissingFile
from mulle.table.tokens import read_tokenizer

pytest.importorskip("tokenizers")
WORDS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "영화", "##가", "재미", "##있다", "!",
         "good", "##ness", "[", "]", "sep", "##s"]  # fmt: skip


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "vocab.txt").write_text("\n".join(WORDS) + "\n", encoding="utf-8")
    (tmp_path / "tokenizer_config.json").write_text('{"do_lower_case": false}')
    return tmp_path


def test_a_list_of_words_splits_as_transformers(folder: Path) -> None:
    transformers = pytest.importorskip("transformers")
    theirs = transformers.BertTokenizer.from_pretrained(folder)
    ours = read_tokenizer(folder)
    texts = ["영화가 재미있다!", "goodness 없다", "", "good\tgood\u00a0[x]", "😀"]
    rows, cut = ours.rows(texts)
    assert rows == [theirs(text)["input_ids"] for text in texts]
    assert cut == 0


def test_unicode_forms_are_one(folder: Path) -> None:
    tokenizer = read_tokenizer(folder)
    text = "영화가 재미있다"
    apart = unicodedata.normalize("NFD", text)
    assert apart != text
    assert tokenizer.rows([apart]) == tokenizer.rows([text])
    assert tokenizer.pieces(apart) == ["영화", "##가", "재미", "##있다"]


def test_padding_stands_behind_and_is_masked(folder: Path) -> None:
    tokens = read_tokenizer(folder, pad_id=0)(["영화가", ""])
    assert tokens.ids.tolist() == [[2, 5, 6, 3], [2, 3, 0, 0]]
    assert tokens.mask.tolist() == [[True] * 4, [True, True, False, False]]
    assert read_tokenizer(folder)([]).ids.shape == (0, 0)


def test_long_texts_are_cut_and_counted(folder: Path) -> None:
    tokenizer = read_tokenizer(folder, max_length=6)
    tokens = tokenizer(["good " * 5_000, "good"])
    assert tokens.cut == 1
    assert tokens.ids[0].tolist() == [2, 10, 10, 10, 10, 3]
    assert np.count_nonzero(tokens.mask[1]) == 3


def test_special_tokens_in_a_text_are_text(folder: Path) -> None:
    rows, _ = read_tokenizer(folder).rows(["good [SEP] good"])
    assert rows[0].count(WORDS.index("[SEP]")) == 1  # the one that ends it


def test_prefixes_stand_before_each_text(folder: Path) -> None:
    rows, _ = read_tokenizer(folder, prefix="good ").rows(["!"])
    assert rows[0] == [2, 10, 9, 3]


@pytest.mark.parametrize(
    ("name", "content", "code", "kind"),
    [
        ("tokenizer.json", "{", "tokenizer-broken", DataError),
        ("tokenizer.json", '{"model": 3}', "tokenizer-broken", DataError),
        ("vocab.txt", "a\nb", "tokenizer-broken", DataError),
        ("spiece.model", "x", "tokenizer-sentencepiece", MissingFile),
        ("other.txt", "x", "tokenizer-none", MissingFile),
    ],
)
def test_what_is_no_tokenizer_is_refused(
    tmp_path: Path, name: str, content: str, code: str, kind: type[Exception]
) -> None:
    (tmp_path / name).write_text(content, encoding="utf-8")
    with pytest.raises(kind) as error:
        read_tokenizer(tmp_path)
    assert error.value.code == code  # type: ignore[attr-defined]
    assert error.value.fix  # type: ignore[attr-defined]
