"""Both languages are whole, sentences fill, particles fit."""

import re
from importlib import resources

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mulle.decisions import Decision
from mulle.errors import UnknownName
from mulle.i18n import LANGUAGES, Messages
from mulle.i18n.format import FORMATS
from mulle.i18n.josa import final_sound, particle
from mulle.i18n.messages import _entries, blanks
from mulle.language import messages

EN, KO = Messages("en"), Messages("ko")
SPINE = {
    "task-found": dict(task="binary", target="생존", classes=2, rows=891),
    "metric-chosen": dict(metric="roc_auc", task="binary"),
    "positive-class": dict(label="yes", share=0.3, given=False),
    "column-dropped": dict(column="id", reason="id"),
    "kind-found": dict(column="나이", kind="discrete", reason="few-integers"),
    "repair-made": dict(repair="thousands", column="가격", count=12),
    "split-made": dict(train=800, test=200, how="stratified"),
    "validation-chosen": dict(scheme="stratified", folds=5, rows=800),
    "leak-suspected": dict(column="boat", score=0.98),
    "duplicates-across-split": dict(count=3),
    "class-tiny": dict(count=2, least=4, labels=["희귀", "드묾"]),
    "class-imbalanced": dict(label="yes", share=0.02),
    "step-chosen": dict(
        columns=["a", "b"],
        steps=["PowerTransform"],
        reason="skewed",
        learners=["linear", "network"],
        evidence={"a": 4.787, "b": -1.5},
    ),
    "plan-tried": dict(plan="ridge", score=0.8, seconds=1.5),
    "plan-failed": dict(plan="ridge", reason="failed"),
    "plan-stopped": dict(plan="ridge", reason="budget"),
    "baseline-done": dict(score=0.5),
    "search-stopped": dict(reason="no-gain"),
    "blend-chosen": dict(members={"a": 0.6, "b": 0.4}, score=0.9, best_single=0.89),
    "refit-done": dict(plan="blend", rows=800, seconds=3.0),
    "threshold-chosen": dict(label="yes", threshold=0.4, measure="cost", at=0.3, at_half=0.5),
    "threshold-default": dict(label="yes", threshold=0.5, metric="roc_auc"),
    "threshold-given": dict(label="yes", threshold=0.3),
    "parity-proved": dict(rows=1200, max_abs_diff=1e-7, label_flips=0, near_boundary=2),
    "budget-kept": dict(promised=60.0, actual=58.1),
    "time-taken": dict(promised=None, actual=58.1),
    "latency-measured": dict(p50=38.2, p99=61.0),
    "feature-made": dict(plan="lightgbm", feature="a / b", gain=0.04),
}


def test_both_languages_hold_the_same_entries_with_the_same_blanks() -> None:
    assert list(_entries("en")) == list(_entries("ko"))
    for key, text in _entries("en").items():
        assert blanks(text) == blanks(_entries("ko")[key]), key


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_blank_is_well_formed_and_no_entry_is_empty(lang: str) -> None:
    groups = {key.partition(".")[0] for key in _entries(lang)}
    for key, text in _entries(lang).items():
        assert text, key
        assert len(blanks(text)) == len(set(re.findall(r"\{\w[^}?]*\}", text))), key
        assert {how for _, how in blanks(text)} <= {"", "quoted", *FORMATS, *groups}, key


@pytest.mark.parametrize("words", [EN, KO], ids=LANGUAGES)
@pytest.mark.parametrize("code", SPINE)
def test_every_decision_of_a_run_has_a_sentence_and_a_why(words: Messages, code: str) -> None:
    sentence = words.sentence(Decision(code, values=SPINE[code]))
    assert "{" not in sentence and "–" not in sentence, sentence
    assert not re.search(r"은\(는\)|이\(가\)|을\(를\)|\(으\)로", sentence), sentence
    assert sentence.endswith(".") and not sentence.endswith("..")
    assert words.explain(code) != words.explain("no-such-code")
    told = {name for name, _ in blanks(_entries(words.lang)[f"decision.{code}"])}
    assert told <= set(SPINE[code])


def test_sentences_in_full() -> None:
    assert EN.sentence(Decision("budget-kept", values=SPINE["budget-kept"])) == (
        "Promised 60 s, took 58.1 s."
    )
    assert KO.sentence(Decision("budget-kept", values=SPINE["budget-kept"])) == (
        "60초를 약속했고 58.1초 걸렸습니다."
    )
    assert KO.sentence(Decision("search-stopped", values={"reason": "budget"})) == (
        "정한 시간을 다 썼기 때문에 탐색을 마쳤습니다."
    )
    assert EN.sentence(Decision("blend-chosen", values=SPINE["blend-chosen"])) == (
        "The final model is a weighted mean of a (60%), b (40%): it scores 0.9000, "
        "the best single plan 0.8900."
    )


def test_a_repair_of_no_column_is_one_of_the_whole_file() -> None:
    told = Decision("repair-made", values={"repair": "title-rows", "column": "", "count": 1})
    assert EN.sentence(told) == (
        "In the whole file: title rows above the header skipped (changes: 1)."
    )
    assert KO.sentence(told).startswith("파일 전체: ")


def test_a_code_without_words_is_told_plainly() -> None:
    odd = Decision("moon-phase", values={"phase": "full", "hours": 3})
    assert EN.sentence(odd) == KO.sentence(odd) == "moon-phase (phase: full, hours: 3)"
    assert "table-empty" in EN.explain("table-empty")


def test_the_subject_fills_the_blank_that_it_is() -> None:
    dropped = Decision("column-dropped", "나이", {"reason": "constant"})
    assert KO.sentence(dropped) == "‘나이’ 열은 쓰지 않습니다. 모든 행의 값이 같습니다."
    step = Decision("step-chosen", values=SPINE["step-chosen"])
    assert EN.sentence(step) == (
        "For a (4.787), b (−1.5): “straighten the distribution” (linear model, neural network), "
        "because the skewness is beyond ±1."
    )
    refit = Decision("refit-done", "blend", {"rows": 8, "seconds": 2})
    assert EN.sentence(refit) == "blend was trained again on all 8 training rows in 2 s."


def test_a_missing_value_is_a_dash_and_never_an_error() -> None:
    assert EN.sentence(Decision("baseline-done")).startswith("The baseline scores –.")


def test_filled_in_text_is_never_read_as_a_template() -> None:
    text = KO.fill("‘{column}’을(를) 봅니다.", {"column": "{secret}은(는)"})
    assert text.startswith("‘{secret}은(는)’")


def test_unknown_names_are_refused() -> None:
    with pytest.raises(UnknownName, match="There is no language named 'fr'"):
        messages("fr")


# Read aloud and written down by hand; the last column is how the word sounds in Hangul.
SPOKEN = [
    ("서울", "로", "을"), ("부산", "으로", "을"), ("나이", "로", "를"), ("10", "으로", "을"),
    ("1,007", "로", "을"), ("0.5", "로", "를"), ("38%", "로", "를"), ("AUC", "로", "를"),
    ("CSV", "로", "를"), ("SVM", "으로", "을"), ("URL", "로", "을"), ("table", "로", "을"),
    ("name", "으로", "을"), ("cut", "으로", "을"), ("price", "로", "를"), ("stock", "으로", "을"),
    ("pclass", "로", "를"), ("ridge", "로", "를"), ("LightGBM", "으로", "을"), ("F1", "로", "을"),
    ("가격(원)", "으로", "을"), ("‘층’", "으로", "을"),
]  # fmt: skip


@pytest.mark.parametrize(("word", "to", "object_"), SPOKEN, ids=[row[0] for row in SPOKEN])
def test_particles_follow_the_last_sound(word: str, to: str, object_: str) -> None:
    assert particle(word, "(으)로") == to
    assert particle(word, "을(를)") == object_


def test_a_sound_that_cannot_be_known_keeps_both_forms() -> None:
    assert particle("😀", "은(는)") == "은(는)"


@given(st.characters(min_codepoint=ord("가"), max_codepoint=ord("힣")))
def test_finals_agree_with_unicode(syllable: str) -> None:
    import unicodedata

    assert bool(final_sound(syllable)) == (len(unicodedata.normalize("NFD", syllable)) == 3)


@given(st.text())
def test_any_name_can_be_filled_in(name: str) -> None:
    assert name in KO.sentence(Decision("column-dropped", values={"column": name, "reason": "id"}))


def test_the_files_are_shipped_beside_the_code() -> None:
    for lang in LANGUAGES:
        assert resources.files("mulle.i18n").joinpath(lang, "ground.toml").is_file()
