"""`mulle explore` and `mulle explain M012`: where results go, and what is refused how."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from mulle.cli import progress

ROWS = "".join(f"{k},{1.4**k:.2f},{'남' if k % 2 else '여'},k{k}@example.com\n" for k in range(60))
TABLE = "번호,금액,성별,메일\n" + ROWS


@pytest.fixture(autouse=True)
def _tables(tmp_path: Path):
    (tmp_path / "shop.csv").write_text(TABLE, encoding="utf-8")
    (tmp_path / "other.csv").write_text(TABLE.replace("남", "여"), encoding="utf-8")


def test_the_page_is_written_here_and_its_findings_are_told(mulle):
    done = mulle("explore", "shop.csv")
    assert done.code == 0
    assert Path("shop.explore.html").read_text(encoding="utf-8").startswith("<!doctype html>")
    assert "shop.csv: 60 rows, 4 columns. Nothing is missing." in done.out
    assert "Warning: E-mail addresses (M060)" in done.out
    assert "shop.explore.html  " in done.out and "next: mulle explain M060" in done.out
    assert done.err == ""


def test_the_next_command_after_a_target_is_fit(mulle):
    done = mulle("explore", "shop.csv", "--target", "성별", "--lang", "ko", "-o", "out/p.html")
    assert done.code == 0 and Path("out/p.html").exists()
    assert "mulle fit shop.csv --target '성별'" in done.out.replace('"', "'")
    assert "확인 필요: 이메일 주소 (M060)" in done.out
    assert "목표: 성별" in Path("out/p.html").read_text(encoding="utf-8")


def test_json_and_text_go_to_stdout(mulle):
    found = json.loads(mulle("explore", "shop.csv", "--format", "json").out)
    assert found["header"]["rows"] == 60 and found["summaries"][1]["name"] == "금액"
    text = mulle("explore", "shop.csv", "--format", "md").out
    assert text.startswith("# shop.csv\n") and "| 금액 | continuous number |" in text
    assert not list(Path().glob("*.html"))


@pytest.mark.parametrize("name", ["r.json", "r.md", "r.html"])
def test_the_ending_says_how_to_write(mulle, name: str):
    done = mulle("explore", "shop.csv", "-o", name)
    assert done.code == 0 and f"{name}  " in done.out
    assert Path(name).stat().st_size > 500


def test_another_table_stands_beside(mulle):
    text = mulle("explore", "shop.csv", "--against", "other.csv", "--format", "md").out
    assert "## Compared with other.csv" in text
    printed = mulle("explore", "shop.csv", "--against", "other.csv").out
    assert "\n\nCompared with other.csv: " in printed


def test_a_picture_of_one_column(mulle):
    done = mulle("explore", "shop.csv", "--chart", "금액", "-o", "p.svg")
    assert done.code == 0 and done.out == "p.svg\n"
    assert 'aria-label="금액"' in Path("p.svg").read_text(encoding="utf-8")
    assert mulle("explore", "shop.csv", "--chart", "금액").out == "shop.금액.svg\n"
    assert Path("shop.금액.svg").read_text(encoding="utf-8").startswith("<svg ")
    assert mulle("explore", "shop.csv", "--chart", "금액", "-o", "p.png").out == "p.png\n"
    assert Path("p.png").read_bytes()[:4] == b"\x89PNG"


def test_what_is_refused_says_what_to_do(mulle):
    for arguments, code, told in [
        (["-o", "p.pdf"], 2, "Let it end in .html, .json, .md."),
        (["--format", "json", "-o", "p.html"], 2, "Let it end in .json."),
        (["--chart", "금액", "-o", "p.html"], 2, "Let it end in .svg, .png."),
        (["--target", "성벌"], 2, "Did you mean '성별'"),
        (["--chart", "금엑"], 2, "Did you mean '금액'"),
        (["--chart", "메일"], 1, "Choose a column of numbers"),
    ]:
        done = mulle("explore", "shop.csv", *arguments)
        assert done.code == code, done
        assert told in done.err and done.out == ""
    missing = mulle("explore", "nothing.csv")
    assert missing.code == 2 and "nothing.csv" in missing.err


def test_a_table_without_rows_still_has_a_page(mulle):
    Path("none.csv").write_text("a,b\n", encoding="utf-8")
    done = mulle("explore", "none.csv")
    assert done.code == 0 and "No rows (M001)" in done.out
    assert Path("none.explore.html").exists()


def test_long_work_tells_its_stages_once_each(capfd, monkeypatch):
    monkeypatch.setattr(progress, "QUIET_SECONDS", -1.0)
    with progress.StageProgress() as told:
        for stage, share in [("read", 1.0), ("columns", 0.5), ("columns", 1.0), ("columns", 1.0)]:
            told(stage, share)
    lines = capfd.readouterr().err.splitlines()
    assert [line.split(" s  ")[1] for line in lines] == ["reading", "columns"]


def test_quick_work_says_nothing_on_the_way(capfd):
    with progress.StageProgress() as told:
        told("read", 1.0)
    assert capfd.readouterr().err == ""


def test_help_ends_in_examples(mulle):
    done = mulle("explore", "--help")
    assert done.code == 0 and "mulle explore diamonds.csv --chart price -o price.svg" in done.out


@pytest.mark.parametrize("what", ["M012", "m012", "skewed"])
def test_a_finding_is_explained_by_code_or_name(mulle, what: str):
    done = mulle("explain", what)
    assert done.code == 0 and done.out.startswith("M012  Skewed\n\nWhat it is\n  A number with")
    assert mulle("explain", what, "--lang", "ko").out.startswith("M012  치우친 분포\n\n무엇인가\n")


def test_a_code_that_is_none_is_refused(mulle):
    assert mulle("explain", "M999").code == 2
    assert "'skewed'" in mulle("explain", "skewd").err
