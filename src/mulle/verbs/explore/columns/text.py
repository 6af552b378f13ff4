"""A column of free text: lengths, scripts, frequent runs of words, duplicates.

Lengths in characters and words, and duplicates, are of all rows; all else is of the sampled rows.
Without a model's tokenizer, tokens are words and marks by one expression, which is stated.

catalogue  neda-seqlen neda-language
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import polars as pl

from mulle.profile import scripts
from mulle.verbs.explore.columns.lengths import lengths_of
from mulle.verbs.explore.summaries import Lengths, Level, Ngrams, TextSummary
from mulle.verbs.explore.to_json import levels

Tokenize = Callable[[list[str]], list[int]]  # how many tokens each text has
TOKENS = r"\w+|[^\w\s]"
_WORDS = r"[\p{L}\p{N}]+(?:['’\-][\p{L}\p{N}]+)*"
_MARKS = {
    "urls": r"https?://|www\.\w",
    "emails": r"[\w.+-]+@[\w-]+\.\w",
    "html": r"</?[a-zA-Z][^<>]*>|&(?:[a-z]+|#\d+);",
}
MAX_CHARS, TOP = 3_000_000, 10


def text_summary(
    common: dict[str, Any],
    values: pl.Series,
    sample: pl.Series,
    tokenizer: tuple[str, Tokenize] | None = None,
) -> TextSummary:
    """Return the summary of a column of text.

    Args:
        common: the fields of `ColumnSummary`.
        values: n texts.
        sample: some of them.
        tokenizer: its name, and what counts the tokens of texts.
    """
    texts = values.drop_nulls()
    some = _some(sample.drop_nulls())
    listed = some.to_list()
    counts = scripts.count_scripts(listed)
    marks = some.alias("x").to_frame().select(
        pl.col("x").str.contains(pattern).sum().alias(name) for name, pattern in _MARKS.items()
    ).row(0, named=True)  # fmt: skip
    ngrams, vocabulary, once = _ngrams(some)
    words = texts.str.count_matches(r"\S+").to_numpy()
    return TextSummary(
        **common,
        characters=lengths_of("characters", texts.str.len_chars().to_numpy()),
        words=lengths_of("words", words),
        tokens=_tokens(some, listed, tokenizer),
        scripts=scripts.shares(counts),
        languages=scripts.languages(counts) if listed else {},
        ngrams=ngrams,
        vocabulary=vocabulary,
        words_once=once,
        duplicates=len(texts) - common["distinct"],
        blank=int((words == 0).sum()),
        top=_repeated(texts) if common["distinct"] < len(texts) else [],
        emoji=int((counts[:, -1] > 0).sum()),
        sampled=len(some),
        **marks,
    )


def _some(sample: pl.Series) -> pl.Series:
    """Return as many texts as have `MAX_CHARS` characters together, and at least one."""
    upto = sample.str.len_chars().cum_sum()
    return sample.head(max(1, int((upto <= MAX_CHARS).sum())))


def _tokens(some: pl.Series, listed: list[str], tokenizer: tuple[str, Tokenize] | None) -> Lengths:
    if tokenizer is None:
        counts = some.str.count_matches(TOKENS).to_numpy()
        return lengths_of("tokens", counts, tokenizer="words-and-marks")
    name, count = tokenizer
    return lengths_of("tokens", np.asarray(count(listed), np.int64), tokenizer=name)


def words_of(texts: pl.Series) -> pl.DataFrame:
    """Return the words of texts, lower case: columns `row` and `word`."""
    frame = pl.DataFrame({"word": texts.str.to_lowercase().str.extract_all(_WORDS)})
    frame = frame.with_row_index("row").explode("word")
    return frame.filter(pl.col("word").is_not_null())


def _ngrams(texts: pl.Series) -> tuple[list[Ngrams], int, int]:
    """Return frequent runs of one to three words, the vocabulary, and words that occur once."""
    words = words_of(texts)
    out, vocabulary, once = [], 0, 0
    for n in (1, 2, 3):
        same = pl.col("row") == pl.col("row").shift(n - 1) if n > 1 else pl.lit(value=True)
        run = pl.concat_str([pl.col("word").shift(k) for k in reversed(range(n))], separator=" ")
        found = words.select(run=pl.when(same).then(run)).drop_nulls()
        counted = found.group_by("run").len("count")
        if n == 1:
            vocabulary, once = counted.height, int((counted["count"] == 1).sum())
        top = counted.filter(pl.col("count") > 1).sort("count", "run", descending=[True, False])
        top = top.head(TOP)
        out.append(Ngrams(n, levels(top["run"].to_list(), top["count"].to_list(), found.height)))
    return out, vocabulary, once


def _repeated(texts: pl.Series) -> list[Level]:
    """Return the most frequent texts, found by hashes so that unique texts cost nothing."""
    again = texts.filter(texts.hash(0).is_duplicated())
    counted = again.alias("text").value_counts(name="count").filter(pl.col("count") > 1)
    top = counted.sort("count", "text", descending=[True, False]).head(5)
    return levels(top["text"].to_list(), top["count"].to_list(), len(texts))
