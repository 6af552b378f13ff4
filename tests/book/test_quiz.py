"""The quiz: what is missed comes soon, what is known later, and nothing is lost."""

from __future__ import annotations

import pytest

from mulle.book import Standing, load_progress, pick, save_progress, shuffle_choices
from mulle.book.quiz import DAYS
from mulle.cards import load_questions, load_topic
from mulle.errors import DataError
from mulle.i18n import LANGUAGES

NUMPY = load_topic("numpy")[0]
TODAY = 20_000


def test_intervals_double_while_answers_are_right():
    standing, day, waits = Standing(), TODAY, []
    for _ in range(8):
        standing = standing.answered(right=True, today=day)
        waits.append(standing.due - day)
        day = standing.due
    assert waits == [1, 2, 4, 8, 16, 32, 32, 32]
    assert (standing.asked, standing.missed, standing.box) == (8, 0, len(DAYS) - 1)


def test_a_miss_falls_back_and_comes_again_the_same_day():
    standing = Standing(box=5, due=TODAY, asked=5).answered(right=False, today=TODAY)
    assert (standing.box, standing.due, standing.asked, standing.missed) == (0, TODAY, 6, 1)


def test_due_ones_come_before_new_ones_and_known_ones_last():
    a, b, c, d, *new = (q.id for q in NUMPY)
    progress = {
        a: Standing(box=3, due=TODAY + 5, asked=3),  # known
        b: Standing(box=2, due=TODAY, asked=2),  # due
        c: Standing(box=0, due=TODAY, asked=2, missed=1),  # missed
        d: Standing(box=0, due=TODAY, asked=4, missed=3),  # missed more
    }
    assert [q.id for q in pick(NUMPY, progress, TODAY, 99)] == [d, c, b, *new, a]
    assert [q.id for q in pick(NUMPY, progress, TODAY, 2)] == [d, c]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_choices_are_all_there_and_move(lang):
    places = []
    for question in load_questions().values():
        choices, place = shuffle_choices(question, lang, asked=0)
        words = question.words[lang]
        assert choices[place] == words.choice
        assert sorted(choices) == sorted([words.choice, *words.wrong])
        places.append(place)
    shares = [places.count(place) / len(places) for place in range(3)]
    assert min(shares) > 0.15  # the right one is not always the first
    orders = {tuple(shuffle_choices(NUMPY[0], lang, asked=n)[0]) for n in range(10)}
    assert len(orders) > 1


def test_what_is_known_comes_back_from_the_file(tmp_path):
    path = tmp_path / "mine" / "quiz.json"
    assert load_progress(path) == {}
    progress = {"q-np-gpu": Standing(2, TODAY, 3, 1), "q-np-save": Standing()}
    save_progress(path, progress)
    assert load_progress(path) == progress


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"quiz": {"q": 1}}', '{"quiz": {"q": {"box": "x"}}}',
             '{"quiz": {"q": {"colour": 1}}}']
)  # fmt: skip
def test_a_broken_file_is_refused(tmp_path, text):
    path = tmp_path / "quiz.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(DataError) as refused:
        load_progress(path)
    assert (refused.value.code, refused.value.place) == ("quiz-unreadable", str(path))
