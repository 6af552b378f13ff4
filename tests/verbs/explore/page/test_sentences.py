"""Every finding, as it really comes, is told in a whole sentence of either language."""

import datetime as dt
import re

import numpy as np
import polars as pl
import pytest

from mulle.i18n import LANGUAGES, Messages
from mulle.verbs.explore import FINDINGS, explore
from mulle.verbs.explore.page.view import omitted, sentence, title_of
from mulle.verbs.explore.report import Finding, NotComputed

BOTH = pytest.mark.parametrize("lang", LANGUAGES)
N = 600
RNG = np.random.default_rng(7)
DAYS = [dt.datetime(2020, 1, 1) + dt.timedelta(k) for k in range(N)]
ODD = {
    "빈 열": [None] * N,
    "하나": ["같음"] * N,
    "번호": [f"K{k:05}" for k in range(N)],
    "행 번호": list(range(1, N + 1)),
    "동": [f"{'가나다라마'[k % 5]}{k % 150} 마을" for k in range(N)],
    "거의": ["자주"] * (N - 3) + ["드묾"] * 3,
    "등급": ["가"] * 300 + ["나"] * 297 + ["다"] * 3,
    "차고": [1.5, None, 2.5] * 200,
    "차고 종류": ["x", None, "y"] * 200,
    "소득": RNG.lognormal(size=N),
    "꼬리": np.concatenate([RNG.normal(size=N // 2), RNG.standard_t(1.2, N // 2) ** 2 * 50]),
    "먼 값": [*RNG.normal(size=N - 1), 90.0],
    "길이": np.where(np.arange(N) % 100 == 0, 0, RNG.normal(50, 4, N)),
    "무한": [1.0, 2.5, float("inf"), 3.0] * 150,
    "섞임": [*map(str, range(N - 6)), *["고장"] * 6],
    "반쯤": [str(k % 40) if k % 3 else "모른다" for k in range(N)],
    "값": [f"{1000 + k * 37:,}원" for k in range(N)],
    "글 날짜": [f"{d:%Y-%m-%d}" for d in DAYS],
    "주": [f"2024-0{1 + k % 9}-{10 + k % 18}" if k % 3 else f"week {k % 5}" for k in range(N)],
    "빈칸": ["a", "b", "n/a", "c"] * 150,
    "표시": np.where(np.arange(N) % 20 == 0, 999.0, RNG.normal(30, 5, N)),
    "도시": ["Seoul", "seoul", "Busan"] * 200,
    "날짜": DAYS[:300] + [d + dt.timedelta(40) for d in DAYS[300:]],
    "예정": [*DAYS[:-1], dt.datetime(2999, 1, 1)],
    "섭씨": np.arange(N) % 97 * 1.5,
    "화씨": np.arange(N) % 97 * 2.7 + 32,
    "메일": [f"person{k}@example.org" for k in range(N)],
    "전화": [f"010-{1000 + k}-{9999 - k}" for k in range(N)],
    "주민": [["800101-1234560", "920315-2345671", "010520-3456780"][k % 3] for k in range(N)],
    "목표": ["예" if k % 50 == 0 else "아니요" for k in range(N - 4)] + ["글쎄"] * 3 + [None],
    "답": ["Y" if k % 50 == 0 else "N" for k in range(N - 4)] + ["Z"] * 4,
}  # fmt: skip


@pytest.fixture(scope="module")
def found() -> list[Finding]:
    """Findings of tables that have every fault there is."""
    twice = {"a": ["x", "y"] * 700, "b": [1.5, 2.5] * 700}
    drift = np.where(np.arange(1400) < 700, 0, 3) + RNG.normal(size=1400)
    tables = [
        explore(pl.DataFrame(ODD, strict=False), "목표"),
        explore(pl.DataFrame({**twice, "x": drift})),
        explore(pl.DataFrame(twice)),
        explore(pl.DataFrame({**twice, "번호": [f"N{k:06}" for k in range(1400)]})),
        explore(pl.DataFrame({"a": [1.5, 2.5, 3.5]})),
        explore(pl.DataFrame({"a": []})),
        explore(pl.DataFrame({"공백": ["글", " ", "말"] * 200}), reading={"repair": False}),
    ]
    return [finding for report in tables for finding in report.findings]


def test_every_finding_there_is_was_found(found: list[Finding]) -> None:
    assert {rule.key for rule in FINDINGS} - {finding.key for finding in found} == set()


@BOTH
def test_each_is_told_in_a_whole_sentence(found: list[Finding], lang: str) -> None:
    words = Messages(lang)  # type: ignore[arg-type]
    for finding in found:
        told = sentence(finding, words)
        assert told[-1] == "." and not told.endswith(".."), (finding, told)
        assert "{" not in told and "–" not in told, (finding, told)
        assert not re.search(r"은\(는\)|이\(가\)|을\(를\)|과\(와\)|\(으\)로", told), told


@BOTH
@pytest.mark.parametrize("rule", FINDINGS, ids=lambda rule: rule.key)
def test_each_is_explained_in_both_languages(rule: object, lang: str) -> None:
    words = Messages(lang)  # type: ignore[arg-type]
    key = rule.key  # type: ignore[attr-defined]
    parts = ("sentence", "what", "why", "example", "do")
    assert all(words(f"finding.{key}.{part}").endswith(".") for part in parts)
    assert not title_of(key, words).endswith(".")
    assert len(words.about(key)) == 4
    assert rule.title == Messages("en")(f"finding.{key}.title")  # type: ignore[attr-defined]


def test_nothing_is_explained_that_is_never_found() -> None:
    assert set(Messages("en").titled("finding")) == {rule.key for rule in FINDINGS}


def of(key: str, **values: object) -> Finding:
    return Finding("M000", key, "values", "note", ["x"], values)


@BOTH
@pytest.mark.parametrize(
    ("finding", "variant"),
    [
        (of("skewed", skew=-2.0, transform="", after=None), "no-transform"),
        (of("id-like", distinct=9, rows=9, counts_rows=True), "counts_rows"),
        (of("missing-words", count=2, token="-", read=False), "no-read"),
        (of("mixed-types", count=2, example="a", lost=True), "lost"),
        (of("duplicate-rows", rows=2, share=0.1, groups=None, ids=["id"]), "ids"),
        (of("date-as-text", repairs=[], count=9, example="a", read=False), "no-read"),
        (of("date-as-text", repairs=[], count=9, example="a", read=True), "no-repairs"),
        (of("number-as-text", repairs=[], count=0, example=None, read=True), "no-repairs"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_evidence_chooses_the_sentence(finding: Finding, variant: str, lang: str) -> None:
    words = Messages(lang)  # type: ignore[arg-type]
    entry = f"finding.{finding.key}.sentence-{variant}"
    assert sentence(finding, words) == words(entry, **finding.values)
    assert "–" not in sentence(finding, words)


@BOTH
def test_what_was_left_out_is_told_with_its_reason(lang: str) -> None:
    words = Messages(lang)  # type: ignore[arg-type]
    left = NotComputed("pairs", "too-many-columns", {"limit": 100, "count": 20, "columns": ["a"]})
    assert "100" in omitted(left, words) and "20" in omitted(left, words)
    kind = words.name("kind", "text")
    assert kind in omitted(NotComputed("target", "kind", {"column": "y", "kind": "text"}), words)
    assert "full" in omitted(NotComputed("moon", "phase", {"full": True}), words)
