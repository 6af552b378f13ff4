"""Questions are whole: in both languages, with choices that differ and snippets that run."""

from __future__ import annotations

import contextlib
import io
import re
from pathlib import Path

import pytest

import mulle.cards
from mulle.cards import (
    TOPICS,
    load_cards,
    load_groups,
    load_questions,
    read_topic,
    render_group,
    render_question,
)
from mulle.errors import DataError
from mulle.i18n import LANGUAGES

HANGUL = re.compile("[가-힣]")
FOLDER = Path(mulle.cards.__path__[0]) / "questions"
QUESTIONS = load_questions()
LENGTHS = {"en": range(36, 151), "ko": range(22, 131)}  # words of an answer


@pytest.fixture(params=TOPICS)
def questions(request):
    return [q for q in QUESTIONS.values() if q.topic == request.param]


def test_every_file_is_a_topic_and_no_id_comes_twice():
    assert sorted(path.stem for path in FOLDER.iterdir()) == sorted(TOPICS)
    text = "".join(path.read_text(encoding="utf-8") for path in FOLDER.iterdir())
    assert text.count("[[question]]") == len(QUESTIONS)
    assert not set(QUESTIONS) & set(load_cards())


@pytest.mark.long
def test_snippets_print_what_the_questions_say(questions, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for question in questions:
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed):
            exec(
                compile(question.snippet, question.id, "exec", dont_inherit=True),
                {"__name__": "card"},
            )
        assert printed.getvalue().strip() == question.output, question.id


def test_links_resolve(questions):
    known = {*load_cards(), *QUESTIONS}
    for question in questions:
        assert question.id not in question.see
        assert [name for name in question.see if name not in known] == [], question.id


@pytest.mark.parametrize("lang", LANGUAGES)
def test_they_are_written_in_their_language(questions, lang):
    for question in questions:
        words = question.words[lang]
        for text in (words.question, words.answer):
            assert bool(HANGUL.search(text)) is (lang == "ko"), question.id
        if lang == "en":
            assert not HANGUL.search("".join((words.choice, *words.wrong))), question.id
        assert len(words.answer.split()) in LENGTHS[lang], question.id


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_choices_differ(questions, lang):
    for question in questions:
        words = question.words[lang]
        assert len({words.choice, *words.wrong}) == 1 + len(words.wrong), question.id
    assert {len(question.words[lang].wrong) for question in questions} <= {2, 3}
    other = [len(question.words["ko"].wrong) for question in questions]
    assert [len(question.words[lang].wrong) for question in questions] == other


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_right_choice_is_not_given_away_by_its_length(lang):
    longest = [
        len(q.words[lang].choice) > 1.5 * max(map(len, q.words[lang].wrong))
        for q in QUESTIONS.values()
    ]
    assert sum(longest) <= len(longest) / 20


@pytest.mark.parametrize("lang", LANGUAGES)
def test_none_copies_another_or_a_card(lang):
    cards = {(c.words[lang].question, c.words[lang].answer) for c in load_cards().values()}
    for texts in (
        [q.words[lang].question for q in QUESTIONS.values()] + [card[0] for card in cards],
        [q.words[lang].answer for q in QUESTIONS.values()] + [card[1] for card in cards],
    ):
        assert len(set(texts)) == len(texts)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_page_holds_all_of_it(questions, lang):
    for question in questions:
        page, words = render_question(question, lang), question.words[lang]
        for text in (words.question, words.answer, words.choice, *question.see):
            assert text in page, question.id
        marked = render_question(question, lang, markdown=True)
        assert marked.startswith("# ") and marked.count("```") == 4 * bool(question.snippet)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_groups_list_their_questions(lang):
    for group in load_groups().values():
        page = render_group(group, lang)
        assert group.title[lang] in page and bool(HANGUL.search(page)) is (lang == "ko")
        for name in group.questions:
            assert f"{name}  {QUESTIONS[name].words[lang].question}" in page


# --- reading ----------------------------------------------------------------------------------

WHOLE = (FOLDER / "numpy.toml").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("[[question]]", "[[question", "card-unreadable"),
        ("[[question]]", "extra = 1\n[[question]]", "card-field-unknown"),
        ('choice = "Typed', 'chosen = "Typed', "card-field-missing"),
        ('choice = "Typed', 'choice = " " #', "card-field-empty"),
        ('choice = "Typed', "choice = 1 #", "card-field-type"),
        ('wrong = ["It compiles', 'wrong = ["a"] #', "question-choices"),
        ("import numpy", "import numpy as np\n" * 10 + "import numpy", "card-snippet-long"),
    ],
)
def test_a_broken_file_is_refused(tmp_path, old, new, code):
    assert old in WHOLE
    path = tmp_path / "numpy.toml"
    path.write_text(WHOLE.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(DataError) as refused:
        read_topic(path, "numpy")
    assert (refused.value.code, refused.value.place) == (code, str(path))
