"""`mulle read`, and the options of reading that every verb shares."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path

import pytest
import typer

from mulle.cli.app import app
from mulle.cli.notices import MAX_NOTICES, render_notices, tell
from mulle.cli.reading_options import _COLUMNS, _FILE, read_choices
from mulle.errors import UsageError
from mulle.i18n import LANGUAGES, Messages
from mulle.table import Doubt, Kind, LeftOut

CSV = '코드,가격,날짜,표시\n007,"1,200원",2024-03-01,Y\n012,3만원,2024-03-02,\n'
COMMANDS = typer.main.get_command(app).commands  # type: ignore[attr-defined]
READS = {
    "read": True, "fit": True, "explore": True,
    "predict": False, "evaluate": False, "watch": False, "retrain": False,
}  # fmt: skip


@pytest.fixture
def prices() -> str:
    Path("prices.csv").write_bytes(CSV.encode("cp949"))
    return "prices.csv"


def test_every_column_is_shown_before_and_after(mulle, prices):
    shown = mulle("read", prices)
    assert shown.code == 0 and shown.out.startswith("prices.csv: 2 rows, 4 columns.\n")
    assert "    1,200원 → 1200   3만원 → 30000\n" in shown.out
    assert "가격: whole number (" in shown.out and "thousands separators removed" in shown.out
    assert shown.out.endswith("next: mulle read prices.csv -o reading.toml\n")


def test_korean_is_korean(mulle, prices):
    shown = mulle("read", prices, "--lang", "ko").out
    assert shown.startswith("prices.csv: 행 2개, 열 4개.\n") and "가격: 정수 (" in shown


def test_a_reading_is_written_and_given_back(mulle, prices):
    shown = mulle("read", prices, "-o", "reading.toml")
    assert shown.code == 0 and "reading.toml: correct it" in shown.out
    text = Path("reading.toml").read_text(encoding="utf-8")
    assert tomllib.loads(text)["columns"]["가격"]["kind"] == "discrete"
    edited = text.replace('kind = "discrete"', 'kind = "nominal"')
    Path("reading.toml").write_text(edited, encoding="utf-8")
    data = json.loads(mulle("read", prices, "--reading", "reading.toml", "--format", "json").out)
    price = next(column for column in data["columns"] if column["name"] == "가격")
    assert price["kind"] == "nominal"
    assert price["examples"][0]["before"] == "1,200원"


def test_json_holds_layout_columns_and_notices(mulle, prices):
    data = json.loads(mulle("read", prices, "--format", "json").out)
    assert {"file", "rows", "layout", "columns", "repairs", "left_out", "doubts"} == {*data}
    assert data["rows"] == 2 and [c["name"] for c in data["columns"]][:2] == ["코드", "가격"]


def test_what_became_missing_is_shown(mulle):
    Path("a.csv").write_text("x,y\n" + "".join(f"{n},1\n" for n in range(60)) + "품절,1\n", "utf-8")
    shown = mulle("read", "a.csv").out
    assert "품절 → missing" in shown
    assert "Not used:\n  x: 1 cell that is no number ('품절') counts as missing." in shown


def test_wide_tables_are_shown_in_part(mulle):
    names = [f"c{n}" for n in range(50)]
    Path("wide.csv").write_text(f"{','.join(names)}\n{','.join('1' * 50)}\n", encoding="utf-8")
    shown = mulle("read", "wide.csv").out
    assert "c39: " in shown and "c40: " not in shown and "and 10 more columns" in shown
    assert "c49: " in mulle("read", "wide.csv", "--head", 0).out


def test_a_cell_of_several_lines_stays_in_one(mulle):
    Path("a.csv").write_text('x\n"a\nb"\nc\n' + "d\n" * 30, encoding="utf-8")
    assert "    a⏎b   c   d\n" in mulle("read", "a.csv").out


def test_another_ending_is_refused(mulle, prices):
    refused = mulle("read", prices, "-o", "reading.json")
    assert refused.code == 2 and "output-format" in refused.err


@pytest.mark.parametrize("verb", READS)
def test_a_verb_has_the_options_of_reading(verb):
    names = {parameter.name for parameter in COMMANDS[verb].params}
    assert names >= {*_FILE} and (names >= {*_COLUMNS}) is READS[verb]


@pytest.mark.parametrize("verb", READS)
def test_they_stand_apart_in_help(mulle, verb):
    page = mulle(verb, "--help", "--lang", "en").out
    own, apart = page.split("Reading the table:")
    assert "--encoding" in apart and "--encoding" not in own and "--help" in own


@pytest.mark.parametrize("lang", LANGUAGES)
def test_each_option_that_a_notice_names_exists(lang):
    words = Messages(lang)
    known = {option for verb in READS for p in COMMANDS[verb].params for option in p.opts}
    fixes = [key for key in words if key.startswith(("left-out.", "doubt."))]
    named = {
        option for key in fixes for option in re.findall(r"--[a-z][a-z-]+", words.template(key))
    }
    assert "--kinds" in named and named - known == set()


def test_options_become_decisions():
    options = read_choices(
        encoding="cp949", delimiter="tab", skip=0, header=0, sheet=None, keep_rows=True,
        decimal=[",", "weight=."], dates=["dmy"], missing=["x", "price=sold out"],
        not_missing=["country=NA"], kinds=["zip=nominal"], order=["등급=낮음<중간<높음"],
        keep=["units"], drop=["note"], repair=True,
    )  # fmt: skip
    assert options.delimiter == "\t" and options.skip == 0 and options.header == 0
    assert options.keep_rows and options.drop == ("note",)
    assert options.decimal == "," and options.columns["weight"].decimal == "."
    assert options.missing == ("x",) and options.columns["price"].missing == ("sold out",)
    assert options.columns["country"].not_missing == ("NA",)
    assert options.columns["zip"].kind is Kind.nominal and options.columns["units"].keep
    assert options.columns["등급"].order == ("낮음", "중간", "높음")


@pytest.mark.parametrize("text", ["등급=낮음", "등급=낮음<", "등급"])
def test_an_order_of_one_is_refused(text):
    with pytest.raises(UsageError):
        read_choices(order=[text])


def test_few_notices_are_shown_and_the_rest_counted(capfd):
    out = [LeftOut("cells-missing", f"c{n}", 1, values={"words": ["x"]}) for n in range(20)]
    doubt = Doubt("cells-unread", "a b", 2, {"examples": ["q"], "distinct": 1})
    tell(out, [doubt], "a.csv")
    lines = capfd.readouterr().err.splitlines()
    assert lines[0] in {"In doubt:", "정하지 못한 것:"} and "c10" in lines[-2]
    assert len(lines) == MAX_NOTICES + 3 and "9" in lines[-1] and "mulle read a.csv" in lines[-1]
    assert '--missing "a b"=WORD' in render_notices([], [doubt], Messages("en"))[1]


def test_nothing_to_tell_prints_nothing(capfd):
    tell([], [], "a.csv")
    assert capfd.readouterr().err == ""


DOUBTFUL = "n,y\n" + "".join(f"{n},{'ab'[n % 2]}\n" for n in range(60)) + "품절,a\n"


def test_explore_tells_what_it_does_not_use(mulle):
    Path("a.csv").write_text(DOUBTFUL, encoding="utf-8")
    done = mulle("explore", "a.csv", "--format", "json", "-o", "a.json", "--quiet")
    assert "Not used:\n  n: 1 cell" in done.err and "--kinds n=nominal" in done.err
    data = json.loads(Path("a.json").read_text(encoding="utf-8"))
    assert data["left_out"][0]["code"] == "cells-missing" and data["doubts"] == []
    page = mulle("explore", "a.csv", "--format", "md").out
    assert "## Not used, or in doubt\n\n- n: 1 cell" in page


def test_fit_tells_what_it_does_not_use(mulle):
    Path("a.csv").write_text(DOUBTFUL, encoding="utf-8")
    options = ["--trials", "1", "--preset", "quick", "--jobs", "1", "--quiet"]
    done = mulle("fit", "a.csv", "--target", "y", "--format", "json", *options)
    assert done.err.startswith("Not used:\n  n: 1 cell")
    told = json.loads(done.out)["left_out"]
    assert told[0]["code"] == "cells-missing" and told[0]["fix"] in done.err
    assert "n: 1 cell" in Path("a.html").read_text(encoding="utf-8")
    explained = mulle("explain", "a.mulle").out
    assert f"- {told[0]['what']} {told[0]['fix']}" in explained


@pytest.fixture
def shop(fitted: Path) -> Path:
    """Copy a small model and its table to this folder."""
    for name in ("shop.mulle", "shop.csv"):
        Path(name).write_bytes((fitted / name).read_bytes())
    return Path("shop.mulle")


def test_rows_without_data_keep_their_places(mulle, shop):
    Path("new.csv").write_text("age;city;visits\n3;서울;4\n;;\n2;부산;1\n", encoding="utf-8")
    done = mulle("predict", shop, "new.csv")
    header, first, empty, last = done.out.splitlines()
    assert header.startswith("prediction,") and set(empty) == {","}
    assert first.split(",")[0] in {"yes", "no"} and last.split(",")[0] in {"yes", "no"}
    assert "2 rows are answered, 1 hold no data" in done.err
    assert "Cells are parted by ';'; in the training table they were parted by ','." in done.err
    assert "row 2" in done.err and "--keep-rows" in done.err


def test_the_layout_of_new_rows_can_be_decided(mulle, shop):
    Path("new.csv").write_text("a note\nage,city,visits\n3,서울,4\n", encoding="utf-16")
    Path("how.toml").write_text('encoding = "utf-16"\nskip = 1\n', encoding="utf-8")
    with_file = mulle("predict", shop, "new.csv", "--reading", "how.toml")
    with_options = mulle("predict", shop, "new.csv", "--encoding", "utf-16", "--skip", 1)
    assert with_file.code == with_options.code == 0
    assert with_file.out == with_options.out and len(with_file.out.splitlines()) == 2


def test_evaluate_and_watch_tell_what_they_do_not_use(mulle, shop):
    text = shop.with_suffix(".csv").read_text(encoding="utf-8").replace(",yes\n", ",\n", 3)
    Path("new.csv").write_text(text, encoding="utf-8")
    scored = mulle("evaluate", shop, "new.csv", "--format", "json")
    told = json.loads(scored.out)["left_out"]
    assert [out["code"] for out in told] == ["rows-unlabelled"] and told[0]["count"] == 3
    assert told[0]["what"] in scored.err
    Path("semicolons.csv").write_text(text.replace(",", ";"), encoding="utf-8")
    watched = mulle("watch", shop, "semicolons.csv", "--header", 1, "--format", "json")
    assert watched.code == 0 and "Cells are parted by ';'" in watched.err
    assert [doubt["code"] for doubt in json.loads(watched.out)["doubts"]] == ["layout-delimiter"]
    page = mulle("watch", shop, "semicolons.csv", "--format", "html").out
    assert "Cells are parted by" in page


def test_a_schedule_of_retraining_repeats_how_files_are_read(mulle, shop):
    options = ["--encoding", "cp949", "--header", 2, "--keep-rows", "--name", "shop"]
    made = mulle("retrain", shop, "new.csv", *options, "--template", "cron", "-o", "units")
    written = "".join(
        p.read_text(encoding="utf-8") for p in Path("units").rglob("*") if p.is_file()
    )
    assert made.code == 0
    assert "--encoding cp949" in written and "--header 2" in written and "--keep-rows" in written
