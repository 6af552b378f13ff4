"""Free text: lengths, scripts, runs of words, copies, and a model's own tokens."""

from collections import Counter

import numpy as np
import polars as pl
import pytest

from mulle.errors import MissingFile, UsageError
from mulle.profile import scripts
from mulle.verbs.explore.columns.text import text_summary
from mulle.verbs.explore.tokens import counter_of

TEXTS = ["물레로 실을 잣는다", "the wheel spins, the wheel stops", "", "the wheel spins 2 times",
         "물레로 실을 잣는다", None, "한글과 漢字 both 함께"]  # fmt: skip


def summary(texts, **more):
    series = pl.Series(texts, dtype=pl.String)
    distinct = series.drop_nulls().n_unique()
    common = {"name": "t", "kind": "text", "storage": "string", "distinct": distinct}
    return text_summary(common, series, series, **more)


def test_lengths():
    found = summary(TEXTS)
    there = [t for t in TEXTS if t is not None]
    assert found.characters.mean == pytest.approx(np.mean([len(t) for t in there]))
    assert found.words.max == max(len(t.split()) for t in there)
    assert found.tokens.max == 7  # the comma is one
    assert (found.duplicates, found.blank, found.sampled) == (1, 1, 6)
    assert [(t.value, t.count) for t in found.top] == [("물레로 실을 잣는다", 2)]


def test_runs_of_words():
    found = summary(TEXTS)
    words = Counter(w for t in TEXTS for w in (t or "").lower().replace(",", "").split())
    assert {t.value: t.count for t in found.ngrams[0].top} == {
        w: c for w, c in words.items() if c > 1
    }
    assert {t.value: t.count for t in found.ngrams[1].top}["the wheel"] == 3
    assert "the wheel spins" in {t.value for t in found.ngrams[2].top}
    assert found.vocabulary == len(words)


def test_scripts():
    counts = scripts.count_scripts(["물레 wheel 3", "漢字かな", "😀"])
    assert counts[0, :2].tolist() == [2, 5]
    shares = scripts.shares(counts)
    assert shares["latin"] == pytest.approx(5 / 12)
    assert shares["kana"] == pytest.approx(2 / 12)
    assert scripts.languages(counts) == {
        "mixed": pytest.approx(2 / 3),
        "none": pytest.approx(1 / 3),
    }
    assert counts[2, -1] == 1


def test_languages_of_rows():
    assert summary(["한글만 쓴다"] * 3 + ["only latin"]).languages == {
        "hangul": 0.75,
        "latin": 0.25,
    }


def test_marks():
    found = summary(
        ["see https://a.b", "mail me@x.org", "<b>bold</b> &amp;", "😀 hi", "plain < text"]
    )
    assert (found.urls, found.emails, found.html, found.emoji) == (1, 1, 1, 1)


def test_a_model_has_its_own_tokens():
    class Tokenizer:
        def encode_batch(self, texts):
            return [type("Encoding", (), {"ids": list(t)})() for t in texts]

    found = summary(["abc", "abcdef"], tokenizer=counter_of(Tokenizer())).tokens
    assert (found.tokenizer, found.max) == ("Tokenizer", 6)
    assert summary(["abc"], tokenizer=counter_of(lambda texts: [9])).tokens.max == 9


def test_no_tokenizer():
    with pytest.raises(UsageError, match="of type int, which cannot count tokens"):
        counter_of(3)
    pytest.importorskip("tokenizers")
    with pytest.raises(MissingFile):
        counter_of("absent.json")


def test_nothing():
    found = summary([None, None])
    assert found.sampled == 0 and found.languages == {} and found.tokens.max is None
