"""Cards are whole: both languages, symbols named, links that resolve, snippets that run."""

from __future__ import annotations

import contextlib
import importlib
import inspect
import io
import re
from pathlib import Path

import pytest
import typer

import mulle.cards
from mulle.book import load_chapters
from mulle.cards import Index, load_cards, read_card, render_card
from mulle.cards.lookup import fold, without_josa
from mulle.cli.app import app
from mulle.errors import DataError
from mulle.i18n import LANGUAGES

CARDS = load_cards()
HANGUL = re.compile("[가-힣]")
FIELDS = ("sentence", "how", "use", "avoid", "pitfall", "question", "answer")
FOLDER = Path(mulle.cards.__path__[0])
ROOT = Path(__file__).parents[2]


def of_each_card(test):
    """Run a test of a card over all cards of a room, and name those that fail."""
    parameters = dict(inspect.signature(test).parameters)
    del parameters["card"]

    def over_a_room(room, **given):
        failed = []
        for card in (card for card in CARDS.values() if card.room == room):
            try:
                test(card=card, **given)
            except Exception as error:
                failed.append(f"{card.id}: {type(error).__name__} {error}")
        assert not failed, "\n".join(failed)

    room = inspect.Parameter("room", inspect.Parameter.POSITIONAL_OR_KEYWORD)
    over_a_room.__signature__ = inspect.Signature([room, *parameters.values()])
    over_a_room.__name__ = test.__name__
    rooms = dict.fromkeys(card.room for card in CARDS.values())
    return pytest.mark.parametrize("room", rooms)(over_a_room)


@pytest.mark.long
@of_each_card
def test_the_snippet_prints_what_the_card_says(card, tmp_path, monkeypatch):
    folder = tmp_path / card.id
    folder.mkdir()
    monkeypatch.chdir(folder)
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(compile(card.snippet, card.id, "exec", dont_inherit=True), {"__name__": "card"})
    assert printed.getvalue().strip() == card.output


@of_each_card
def test_what_it_names_in_mulle_exists(card):
    missing = [place for place in card.where if not _exists(place)]
    assert missing == []


def _exists(place: str) -> bool:
    """Whether a dotted name, a command with its options, or a program is there."""
    if place.startswith("examples/"):
        return (ROOT / place).exists()
    if place.startswith("mulle "):
        return _is_a_command(place)
    name = place
    while name:  # the longest part that is a module; attributes behind it
        with contextlib.suppress(ModuleNotFoundError):
            found = importlib.import_module(name)
            for attribute in place.removeprefix(name).split(".")[1:]:
                found = getattr(found, attribute, None)
            return found is not None
        name = name.rpartition(".")[0]
    return False


def _is_a_command(place: str) -> bool:
    command, options = typer.main.get_command(app), []
    for word in place.split()[1:]:
        if word.startswith("--"):
            options.append(word)
        elif word in getattr(command, "commands", {}):
            command = command.commands[word]
        else:
            return False
    return set(options) <= {name for option in command.params for name in option.opts}


@of_each_card
def test_what_stands_in_mulle_shows_code(card):
    if any(place.startswith("mulle.") for place in card.where):
        assert card.snippet
    assert bool(card.snippet) is bool(card.output)


@pytest.mark.parametrize(
    "place", ["mulle.steps.Nothing", "mulle.nothing", "mulle fit --nothing", "mulle nothing"]
)
def test_a_place_that_is_not_there_is_seen(place):
    assert not _exists(place)


@of_each_card
def test_its_links_resolve(card):
    assert card.id not in card.see
    assert [name for name in card.see if name not in CARDS] == []


@pytest.mark.parametrize("lang", LANGUAGES)
@of_each_card
def test_it_is_written_in_its_language(card, lang):
    words = card.words[lang]
    for field in FIELDS:
        assert bool(HANGUL.search(getattr(words, field))) is (lang == "ko"), field
    assert all(bool(HANGUL.search(text)) is (lang == "ko") for text in words.symbols.values())


@pytest.mark.parametrize("lang", LANGUAGES)
@of_each_card
def test_its_length_is_that_of_a_card(card, lang):
    words = card.words[lang]
    count = sum(len(getattr(words, field).split()) for field in FIELDS)
    assert (50 if lang == "ko" else 70) <= count <= 220


@pytest.mark.parametrize("lang", LANGUAGES)
@of_each_card
def test_every_symbol_stands_in_the_formula_and_every_letter_is_named(card, lang):
    symbols = card.words[lang].symbols
    assert [symbol for symbol in symbols if symbol not in card.formula] == []
    functions = {
        "log", "ln", "exp", "max", "min", "mod", "sign", "tanh", "sin", "cos", "tan", "sqrt", "abs",
        "argmax", "argmin", "mean", "var", "cov", "std", "median", "softmax", "sigmoid", "erf",
        "rank", "round", "floor", "clip", "diag", "tr", "det", "dim", "count", "in", "for", "all",
        "and", "or", "of", "if", "present", "otherwise", "else", "where", "lim", "d",
    }  # fmt: skip
    letters = set(re.findall(r"[A-Za-zα-ωΑ-Ωŷλμσ]+[₀-₉ₖᵢⱼₜ]*", card.formula)) - functions
    assert {letter for letter in letters if letter not in symbols} <= {"Σᵢ", "Σⱼ", "Σₜ"}


def test_no_card_copies_another():
    for lang in LANGUAGES:
        for field in FIELDS:
            texts = [getattr(card.words[lang], field) for card in CARDS.values()]
            assert len(set(texts)) == len(texts), field


def test_a_card_answers_to_its_names_in_both_languages():
    index = Index((card.names, card) for card in CARDS.values())
    for card in CARDS.values():
        for name in card.names:
            assert card in index.find(name), name
        for text in (card.words["ko"].name + "란", card.words["en"].name.upper()):
            assert card in index.find(text), text


@pytest.mark.parametrize("lang", LANGUAGES)
@of_each_card
def test_its_page_holds_all_of_it(card, lang):
    page, words = render_card(card, lang), card.words[lang]
    for text in (words.name, words.answer, *words.symbols.values(), *card.see, card.source):
        assert text in page
    code = {line.strip() for line in (*card.snippet.splitlines(), *card.output.splitlines())}
    rest = [line for line in page.splitlines() if line.strip() not in code]
    assert "{" not in "".join(rest) or "{" in card.formula


# --- lookup -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("word", "same"),
    [
        ("Yeo-Johnson", "yeo johnson"),
        ("로그 변환", "로그변환"),
        ("F1_score", "f1 Score"),
        ("표준화", "표준화"),
    ],
)
def test_case_spaces_and_hyphens_do_not_matter(word, same):
    assert fold(word) == fold(same)


@pytest.mark.parametrize(
    ("word", "bare"),
    [("과적합이란?", "과적합"), ("과적합은", "과적합"), ("평가", "평"), ("PCA란", "PCA"),
     ("임계값으로", "임계값"), ("loss", "loss")],
)  # fmt: skip
def test_particles_come_off(word, bare):
    assert without_josa(word) == bare


def test_a_whole_word_that_ends_like_a_particle_is_found_as_it_is():
    index = Index([(("평가",), 1), (("평",), 2)])
    assert (index.find("평가"), index.find("평가는"), index.find("평은")) == ([1], [1], [2])


def test_each_particle_that_a_word_may_end_with_is_tried():
    index = Index([(("차이",), 1), (("오차",), 2)])
    assert (index.find("차이란"), index.find("차이는"), index.find("오차란")) == ([1], [1], [2])


@pytest.mark.parametrize(
    ("letters", "found"),
    [("ㄱㅈㅎ", [1]), ("ㄱㅅ", [2, 3]), ("ㅎㄱㅂㅎ", [3]), ("ㄱ", []), ("가ㅈ", [])],
)
def test_first_letters_of_syllables(letters, found):
    index = Index([(("과적합",), 1), (("경사 하강법",), 2), (("경사하강 변화",), 3)])
    assert index.by_initials(letters) == found


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("gan", [1]),
        ("loss", [1]),
        ("손실", [2]),
        ("손실을 줄이는", [2]),
        ("줄이 손실", [2]),
        ("", []),
    ],
)
def test_some_of_the_words_of_a_name(words, found):
    index = Index(
        [(("GAN loss",), 1), (("손실 줄이기", "손실을 줄이는 법"), 2), (("organize",), 3)]
    )
    assert index.containing(words) == found


def test_near_names_are_offered_by_letter_also_in_hangul():
    index = Index((card.names, card) for card in CARDS.values())
    assert "표준화" in index.near("표준하")
    assert "Standardization" in index.near("standardisaton")
    assert index.near("qqqqqq") == []


# --- reading ----------------------------------------------------------------------------------

WHOLE = (FOLDER / "steps" / "scale-standard.toml").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ('id = "scale-standard"', 'id = "scale', "card-unreadable"),
        ('id = "scale-standard"', 'id = "scale"', "card-misnamed"),
        ('source = "', 'origin = "', "card-field-missing"),
        ("[en]", "extra = 1\n[en]", "card-field-unknown"),
        ('where = ["mulle', 'where = "mulle.steps.StandardScale" #', "card-field-type"),
        ('aliases = ["표준 스케일링"', "aliases = [1", "card-field-type"),
        ("x = np.array", "\n" * 9 + "x = np.array", "card-snippet-long"),
        ('z = "변환한 값"', "", "card-symbols-differ"),
        ('name = "표준화"', 'name = " "', "card-field-empty"),
        ('name = "표준화"', "", "card-field-missing"),
    ],
)
def test_a_broken_card_is_refused_by_file(tmp_path, old, new, code):
    assert old in WHOLE
    path = tmp_path / "scale-standard.toml"
    path.write_text(WHOLE.replace(old, new), encoding="utf-8")
    with pytest.raises(DataError) as refused:
        read_card(path, "steps")
    assert (refused.value.code, refused.value.place) == (code, str(path))


# --- the book ---------------------------------------------------------------------------------


def test_every_chapter_stands_on_cards_that_exist():
    chapters = load_chapters()
    assert len({chapter.id for chapter in chapters}) == len(chapters) == 15
    for chapter in chapters:
        assert HANGUL.search(chapter.title["ko"]) and HANGUL.search(chapter.about["ko"])
        assert not HANGUL.search(chapter.title["en"] + chapter.about["en"])


def test_every_card_stands_in_a_chapter():
    used = [card.id for chapter in load_chapters() for card in chapter.cards]
    assert sorted(used) == sorted(CARDS)
