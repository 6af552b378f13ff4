"""`mulle explain`: the one door to cards, codes and names of every room, in both languages."""

from __future__ import annotations

import json
import re
import subprocess
import sys

import pytest

from mulle.cards import CARDS
from mulle.cards.source import error_classes
from mulle.cli import Exit
from mulle.cli.topic_pages import PAGES
from mulle.cli.topic_sources import FILE, collect_topics, to_json
from mulle.cli.topics import Topic, index
from mulle.errors import MulleError
from mulle.i18n import LANGUAGES, Messages
from mulle.i18n.examples import error_codes, example_of
from mulle.learners.registry import CLASSIFIERS, REGRESSORS
from mulle.steps import STEPS
from mulle.verbs.explore.findings import FINDINGS

HANGUL = re.compile("[가-힣]")
TOPICS = collect_topics()
BLANK = re.compile(r"\{\w+(:[\w-]+)?\}")
SORTS = ["card", "question", "step", "learner", "finding", "decision", "repair", "error", "kind",
         "metric", "setting", "option", "left-out", "doubt", "guide"]  # fmt: skip


def test_a_decision_with_what_the_newest_run_decided(mulle, shop):
    done = mulle("explain", "split-made")
    meaning, decided = done.out.split("\n\n")
    assert (done.code, done.err) == (0, "")
    assert "test rows" in meaning
    assert decided.startswith("- 12 rows were set aside for the final test")


def test_without_a_run_only_the_meaning(mulle):
    done = mulle("explain", "split-made")
    assert done.code == 0
    assert "\n\n" not in done.out.strip()


def test_in_korean(mulle, shop):
    assert HANGUL.search(mulle("explain", "split-made", "--lang", "ko").out)


def test_an_error_by_its_sentence_with_an_example(mulle):
    assert mulle("explain", "option-not-number").out == (
        "option-not-number, for example: --time needs a number, not 'abc'.\n"
        "What to do: Write it like --time 60.\n"
    )
    assert mulle("explain", "option-not-number", "--lang", "ko").out == (
        "option-not-number의 예: --time에는 수를 주어야 하는데 ‘abc’를 받았습니다.\n"
        "해결 방법: --time 60처럼 쓰세요.\n"
    )


def test_a_name_that_does_not_exist_in_general(mulle):
    assert mulle("explain", "column-unknown").out.splitlines()[1:] == [
        "What to do: Did you mean 'age', 'fare'?",
        "A name that does not exist; near names are offered (exit code 2).",
    ]


def test_a_catalogue_id_without_a_card_by_its_module():
    page = PAGES["row"]("mulle.store.registry", "en")
    assert page.startswith("mulle.store.registry\n\nNamed models:") and "catalogue  " not in page


def test_an_unknown_word_offers_near_ones(mulle):
    done = mulle("explain", "leak-suspect")
    assert done.code == Exit.wrong_command
    assert done.err.startswith("error: There is no code named 'leak-suspect'. (code-unknown)\n")
    assert "'leak-suspected'" in done.err
    assert mulle("explain").err.startswith("error: mulle explain needs a word")


@pytest.mark.parametrize(
    ("word", "sorts"),
    [
        ("StandardScale", {"card", "step"}),
        ("표준화란?", {"card", "step"}),
        ("STANDARD scaling", {"card"}),
        ("M012", {"finding"}),
        ("치우친 분포는", {"finding"}),
        ("PowerTransform.method", {"setting"}),
        ("fit --time", {"option"}),
        ("범주형", {"kind"}),
        ("정밀도", {"metric"}),
        ("korean-units", {"repair"}),
        ("cells-missing", {"left-out"}),
        ("doubt.cells-unread", {"doubt"}),
        ("reading", {"guide"}),
    ],
)
def test_a_name_in_either_language_is_found(word, sorts):
    found = {topic.sort for topic in index().find(word)}
    assert sorts <= found <= sorts | {"card", "question"}


def test_machines_get_what_was_found(mulle, shop):
    done = json.loads(mulle("explain", "split-made", "--format", "json").out)
    assert done["topics"] == [{"id": "split-made", "sort": "decision"}]
    assert done["decisions"][0]["code"] == "split-made" and done["decisions"][0]["sentence"]


def test_a_room_lists_what_it_can_explain(mulle):
    lines = mulle("explain", "--room", "steps").out.splitlines()
    cards = [topic for topic in index_topics("card") if topic.room == "steps"]
    assert len(lines) == len(index_topics("step")) + len(cards)
    assert lines[0].split() == ["Impute", "fill", "in", "missing", "values"]
    assert mulle("explain", "--room", "stepz").code == Exit.wrong_command
    assert len(json.loads(mulle("explain", "--room", "findings", "--format", "json").out)) == len(
        FINDINGS
    )


def index_topics(sort: str) -> list[Topic]:
    from mulle.cli.topics import topics

    return [topic for topic in topics() if topic.sort == sort]


def test_cards_of_a_room_and_questions_of_a_topic_are_listed(mulle):
    listed = mulle("explain", "--room", "learners", "--lang", "ko").out
    assert "lin-logistic" in listed and "로지스틱 회귀" in listed
    assert "q-np-reshape  When is a reshape allowed?" in mulle("explain", "--room", "numpy").out
    marked = mulle("explain", "--room", "numpy", "--format", "md").out
    assert "- q-np-reshape: When is a reshape allowed?" in marked
    rooms = {topic.room for topic in index_topics("card")}
    assert rooms <= set(CARDS)
    for room in rooms:
        assert mulle("explain", "--room", room).code == 0


def test_a_question_by_its_id_and_by_its_words(mulle):
    page = mulle("explain", "q-np-reshape").out
    assert page.startswith("When is a reshape allowed? (q-np-reshape)")
    for words in ("when is a reshape allowed", "reshape 조건", "reshape rules"):
        assert page in mulle("explain", words).out
    assert mulle("explain", "a reshape allowed").out == page  # some of its words


@pytest.mark.parametrize(
    ("letters", "id"), [("ㅍㅈㅎ", "scale-standard"), ("ㄹㅈㅅㅌ ㅎㄱ", "lin-logistic")]
)
def test_first_letters_of_syllables_find_a_card(mulle, letters, id):
    assert f"({id})" in mulle("explain", letters).out.splitlines()[0]


def test_several_that_hold_the_words_are_listed(mulle):
    lines = mulle("explain", "arrays", "--format", "md").out.splitlines()
    assert len(lines) > 1 and "- q-np-save: How can arrays be stored in files?" in lines


def test_a_page_in_markdown_and_for_programs(mulle):
    page = mulle("explain", "scale-standard", "--format", "md").out
    assert page.startswith("# Standardization · 표준화 (scale-standard)\n")
    assert "\n## Formula\n\n```\nz = (x − m) / s\n" in page
    done = json.loads(mulle("explain", "scale-standard", "--format", "json").out)
    assert done["topics"][0]["card"]["words"]["ko"]["name"] == "표준화"
    asked = json.loads(mulle("explain", "q-np-reshape", "--format", "json").out)
    assert asked["topics"][0]["question"]["topic"] == "numpy"


@pytest.mark.long
def test_the_file_that_ships_is_right():
    assert FILE.read_text(encoding="utf-8") == to_json()  # python -m mulle.cli.topic_sources


@pytest.mark.long
def test_a_look_up_imports_no_library_that_computes():
    code = (
        "import sys; from mulle.cli.topics import index; "
        "print(index().find('StandardScale')[0].render('ko')[:3]); index().near('qqq'); "
        "print({'numpy', 'polars', 'sklearn', 'torch', 'onnxruntime'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, encoding="utf-8")
    assert done.stdout.splitlines() == ["표준화", "set()"]


# --- every topic, in both languages ---------------------------------------------------------------


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("sort", SORTS)
def test_every_topic_is_a_filled_sentence(sort, lang):
    found = [topic for topic in TOPICS if topic.sort == sort]
    assert found
    texts = {topic.id: topic.render(lang) for topic in found}
    coded = sort in {"card", "question"}  # whose code may have braces
    wrong = [n for n, text in texts.items() if "‹" in text or (not coded and BLANK.search(text))]
    wrong += [n for n, text in texts.items() if lang == "ko" and not HANGUL.search(text)]
    assert wrong == []


def test_nothing_that_can_be_named_is_left_out():
    ids = {(topic.sort, name) for topic in TOPICS for name in topic.names}
    words = Messages("en")
    assert {("step", step.__name__) for step in STEPS} <= ids
    learners = {*CLASSIFIERS, *(c.__name__ for r in (CLASSIFIERS, REGRESSORS) for c in r.values())}
    assert {("learner", name) for name in learners} <= ids
    assert {("finding", name) for rule in FINDINGS for name in (rule.code, rule.key)} <= ids
    assert {("decision", code) for code in words.names_of("decision")} <= ids
    assert {("error", code) for code in (*error_codes(), *error_classes())} <= ids


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_blank_of_an_error_has_an_example(lang):
    left = [code for code in error_codes() for part in ("what", "fix")
            if "‹" in example_of(code, part, lang)]  # fmt: skip
    assert left == []


def test_every_error_says_what_class_it_is():
    words = Messages("en")
    known = [code for code in error_codes() if code in error_classes()]
    assert len(known) > 0.8 * len(error_codes())  # a few are raised through a table of codes
    assert {f"error-class.{name}" for name in error_classes().values()} <= set(words)
    assert MulleError.__name__ in words.names_of("error-class")


# --- what is behind a model -----------------------------------------------------------------------


def test_what_is_behind_a_model(mulle, shop):
    done = mulle("explain", "shop.mulle")
    assert done.code == 0
    assert "The target “bought”" in done.out
    listed = json.loads(mulle("explain", "shop.mulle", "--format", "json").out)
    assert {"task-found", "parity-proved"} <= {d["code"] for d in listed["decisions"]}
    assert all(d["sentence"] for d in listed["decisions"])


def test_a_model_whose_run_is_elsewhere(mulle, shop, tmp_path, monkeypatch):
    (tmp_path / "away").mkdir()
    monkeypatch.chdir(tmp_path / "away")
    done = mulle("explain", "../shop.mulle")
    assert done.code == Exit.wrong_command
    assert done.err.startswith("error: The run behind ../shop.mulle is not here (")


def test_a_word_like_no_other_leads_to_the_lists(mulle):
    done = mulle("explain", "qqqqqqqq")
    assert done.code == Exit.wrong_command and "mulle explain --room steps" in done.err
