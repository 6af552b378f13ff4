"""`mulle learn`: chapters, their cards, and a quiz that is answered line by line."""

from __future__ import annotations

import io
import json

import pytest

from mulle.book import load_chapters, load_progress, shuffle_choices
from mulle.cards import load_topic
from mulle.cli import Exit

NUMPY = load_topic("numpy")[0]


@pytest.fixture
def answer(mulle, monkeypatch, tmp_path):
    """Take the quiz with these lines; its file stands in the folder."""

    def run(*lines, options=()):
        monkeypatch.setattr("sys.stdin", io.StringIO("".join(f"{line}\n" for line in lines)))
        return mulle("learn", "numpy", "--quiz", "--progress", "quiz.json", *options)

    return run


def right(question, asked=0, lang="en"):
    return shuffle_choices(question, lang, asked)[1] + 1


def test_chapters_are_listed_and_their_cards(mulle):
    lines = mulle("learn").out.splitlines()
    assert len(lines) == len(load_chapters())
    assert lines[0].split()[:2] == ["introduction", "Introduction"]
    page = mulle("learn", "preprocessing", "--lang", "ko").out
    assert page.startswith("전처리\n") and "scale-standard" in page and "표준화" in page
    listed = json.loads(mulle("learn", "learners", "--format", "json").out)
    assert {"id": "lin-ridge", "name": "Ridge regression"} in listed
    assert json.loads(mulle("learn", "--format", "json").out)[0]["id"] == "introduction"


def test_right_and_wrong_answers_are_counted_and_kept(answer, tmp_path):
    first, second = NUMPY[:2]
    wrong = right(second) % (1 + len(second.words["en"].wrong)) + 1
    done = answer(right(first), wrong, options=["-n", "2"])
    assert (done.code, done.err) == (0, "")
    assert "1 of 2 · q-np-popular\nWhy is NumPy so popular?\n  1  " in done.out
    assert first.words["en"].answer in done.out and "Right." in done.out
    assert f"No: it is {right(second)}." in done.out
    assert done.out.endswith(
        "1 of 2 right.\nMissed: q-np-gpu. They come again. Read one with: mulle explain q-np-gpu\n"
    )
    kept = load_progress(tmp_path / "quiz.json")
    assert (kept[first.id].box, kept[second.id].box, kept[second.id].missed) == (1, 0, 1)
    again = answer("q", options=["-n", "2"])
    assert "1 of 2 · q-np-gpu" in again.out  # what was missed comes first
    assert again.out.endswith("0 of 0 right.\n")


def test_no_more_input_ends_the_quiz_and_keeps_what_was_answered(answer, tmp_path):
    assert answer(right(NUMPY[0])).code == 0
    assert list(load_progress(tmp_path / "quiz.json")) == [NUMPY[0].id]


def test_answers_are_shown_when_they_are_asked_for(answer, tmp_path):
    done = answer("", "y", "", "maybe", "ㅜ", "ㅂ", options=["--reveal"])  # ㅜ is the key n
    assert NUMPY[0].words["en"].answer in done.out and "  1  " not in done.out
    kept = load_progress(tmp_path / "quiz.json")
    assert [kept[q.id].missed for q in NUMPY[:2]] == [0, 1] and len(kept) == 2


def test_in_korean(answer):
    done = answer(right(NUMPY[0], lang="ko"), options=["-n", "1", "--lang", "ko"])
    assert "넘파이는 왜 이렇게 널리 쓰입니까?" in done.out and "맞았습니다." in done.out


def test_what_does_not_exist_is_refused(mulle):
    done = mulle("learn", "numpi", "--quiz", "--progress", "quiz.json")
    assert done.code == Exit.wrong_command and "'numpy'" in done.err
    assert mulle("learn", "preprocesing").code == Exit.wrong_command
    assert mulle("learn", "--quiz", "-n", "0").code == Exit.wrong_command
