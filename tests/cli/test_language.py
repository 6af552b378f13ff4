"""`--lang ko`, anywhere on the command line, makes everything that a person reads Korean."""

from __future__ import annotations

import re

import pytest

from mulle.cli import Exit

HANGUL = re.compile("[가-힣]")
WRONG = [
    (["fti"], "command-unknown"),
    (["log", "exprot"], "command-unknown"),
    (["fit", "a.csv", "--zzz"], "option-unknown"),
    (["fit", "a.csv", "--time", "soon"], "option-not-number"),
    (["fit", "a.csv", "--trials=many"], "option-not-whole"),
    (["fit", "a.csv", "--format", "xml"], "option-not-one-of"),
    (["explore", "a.csv", "--sample", "0"], "option-too-small"),
    (["serve", "m.mulle", "--port", "99999"], "option-too-large"),
    (["fit", "--target"], "option-without-value"),
    (["fit", "--lang"], "option-without-value"),
    (["fit", "--repair=yes", "a.csv"], "option-takes-no-value"),
    (["explore"], "argument-missing"),
    (["keys", "new"], "option-missing"),
    (["fit", "a.csv", "b.csv"], "arguments-extra"),
    (["runs", "compare", "a"], "runs-too-few"),
    (["fit", "--lang", "fr"], "language-unknown"),
]


@pytest.mark.parametrize(("arguments", "code"), WRONG, ids=lambda value: str(value))
def test_a_wrong_command_has_a_code_of_ours_in_both_languages(mulle, monkeypatch, arguments, code):
    english = mulle(*arguments)
    monkeypatch.setenv("MULLE_LANG", "ko")
    korean = mulle(*arguments)
    for outcome, label, hint in ((english, "error: ", "hint: "), (korean, "오류: ", "해결: ")):
        assert (outcome.code, outcome.out) == (Exit.wrong_command, "")
        what, empty, fix = outcome.err.splitlines()
        assert what.startswith(label) and what.endswith(f" ({code})")
        assert (empty, fix[: len(hint)]) == ("", hint)
    assert not HANGUL.search(english.err)
    assert HANGUL.search(korean.err.splitlines()[0].partition(": ")[2])


@pytest.mark.parametrize(
    "arguments",
    [["--lang", "ko", "fti"], ["fti", "--lang", "ko"], ["fti", "--lang=ko"]],
)
def test_the_option_stands_before_or_after_the_verb(mulle, arguments):
    assert mulle(*arguments).err.startswith("오류: ‘fti’")
    assert mulle("fti").err.startswith("error: ")


def test_the_last_one_wins_and_what_follows_two_dashes_is_left_alone(mulle):
    assert mulle("--lang", "ko", "fti", "--lang", "en").err.startswith("error: ")
    assert mulle("fit", "--", "--lang", "ko", "x").err.startswith("error: ")


def test_a_fit_speaks_korean_from_the_first_line_to_the_last(mulle, shop):
    options = ["--trials", "1", "--preset", "quick", "--jobs", "1"]
    done = mulle("fit", "shop.csv", "-t", "bought", "-o", "out", *options, "--lang", "ko")
    assert done.code == 0, done.err
    assert "표를 읽는 중" in done.err and "보고서를 쓰는 중" in done.err
    assert "reading" not in done.err and "best so far" not in done.err
