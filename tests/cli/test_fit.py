"""`mulle fit`: what it prints, and what bad tables get."""

from __future__ import annotations

import json

import pytest

from mulle.cli import Exit

FAST = ("--trials", "2", "--preset", "quick", "--jobs", "1")


def table(*lines: str, header: str = "a,b,y") -> bytes:
    return ("\n".join([header, *lines]) + "\n").encode()


def numbered(line: str, rows: int = 40) -> list[str]:
    return [line.format(i=i, p=i % 2, q=i % 5, r=i * 3 % 11) for i in range(rows)]


GOOD = table(*numbered("{q},{r},{p}"))

REFUSED = {
    "unknown target": (
        table(*numbered("{q},{r},{p}"), header="area,rooms,price"),
        "pirce",
        2,
        "error: There is no column named 'pirce'. (column-unknown)\n\n"
        "hint: Did you mean 'price'?\n",
    ),
    "empty": (
        b"",
        "y",
        1,
        "error: The file is empty. (file-empty)\nwhere: t.csv\n\n"
        "hint: Check the program that wrote it; a table needs a header and a row.\n",
    ),
    "header only": (
        table(),
        "y",
        1,
        "error: The table has a header (a, b, y) and no rows. (table-header-only)\nwhere: t.csv\n\n"
        "hint: Check the program that wrote it; a table needs at least one row.\n",
    ),
    "one class": (
        table(*numbered("{q},{r},x")),
        "y",
        1,
        "error: 'y' is always 'x': there is nothing to learn. (target-constant)\n"
        "where: t.csv\n\nhint: Name another column with --target.\n",
    ),
    "no target value": (
        table(*numbered("{q},{r},")),
        "y",
        1,
        "error: 'y' holds no value at all: there is nothing to learn. (target-empty)\n"
        "where: t.csv\n\nhint: Name another column with --target.\n",
    ),
    "few rows": (
        table(*numbered("{q},{r},{p}", 5)),
        "y",
        1,
        "error: Only 5 rows have a target; at least 8 are needed. (table-small)\n"
        "where: t.csv\n\nhint: Give more rows.\n",
    ),
    "ragged": (
        table(*numbered("{q},{r},{p}"), "1,2,3,4", "5"),
        "y",
        1,
        "error: The header has 3 columns, and 2 rows have another number of cells:"
        " line (cells) 42 (4), 43 (1). (rows-ragged)\nwhere: t.csv\n\n"
        "hint: Quote cells that hold the delimiter or a line break, and close every quote.\n",
    ),
    "undecodable": (
        b"a,b,y\n" + b"\xff\xfe\xfa\x80\x81,1,2\n" * 30,
        "y",
        1,
        "error: The bytes ff fe fa 80 from position 6 on are not utf-8. (bytes-undecodable)\n"
        "where: t.csv, line 2\n\n"
        "hint: Name the encoding, for example --encoding cp949 or --encoding cp1252.\n",
    ),
    "1,200 classes": (
        table(*numbered("{q},{r},c{i}", 1200), *numbered("{q},{r},c{i}", 1200)),
        "y",
        1,
        "error: 'y' has 1,200 classes; at most 1,000 can be learned. (target-classes)\n"
        "where: t.csv\n\n"
        "hint: Group rare classes first, or choose --task regression if it is a number.\n",
    ),
    "nothing to learn from": (
        table(*numbered("id{i},1,{p}")),
        "y",
        1,
        "error: No column is left to learn from: all of them are identifiers, constant or dropped."
        " (no-features)\nwhere: t.csv\n\n"
        "hint: Keep one with --keep COLUMN, or drop fewer.\n",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_table_that_cannot_be_used(mulle, tmp_path, name):
    data, target, code, error = REFUSED[name]
    (tmp_path / "t.csv").write_bytes(data)
    said = mulle("fit", "t.csv", "--target", target, *FAST, "--quiet")
    assert (said.code, said.out, said.err) == (code, "", error)
    assert not (tmp_path / "t.mulle").exists()


def test_one_row(mulle, tmp_path):
    (tmp_path / "t.csv").write_bytes(table("1,2,3"))
    said = mulle("fit", "t.csv", "--target", "y", *FAST, "--quiet")
    assert said.code == Exit.failed
    assert said.err.startswith("error: ")
    assert "\nhint: " in said.err


def test_a_file_that_is_not_there(mulle, tmp_path):
    (tmp_path / "titanic.csv").write_bytes(GOOD)
    said = mulle("fit", "titanik.csv", "--target", "y", "--quiet")
    assert (said.code, said.out) == (Exit.wrong_command, "")
    assert said.err == (
        "error: There is no file titanik.csv. (file-misnamed)\n\n"
        "hint: Did you mean 'titanic.csv'?\n"
    )


ACCEPTED = {
    "names": (
        table(
            *numbered("{q},{r},{q},{r},{p}"), header='"with space","한글","quo""te","emoji 🌀",y'
        ),
        [],
    ),
    "duplicate names": (table(*numbered("{q},{r},{p}"), header="a,a,y"), []),
    "infinities": (table(*numbered("{q},{r},{p}"), "inf,1,0", "1,-inf,1"), []),
    "huge integers": (table(*numbered("10000000000000000000000{q},{r},{p}")), []),
    "kinds": (table(*numbered("{q},{r},{p}"), header="a=b,c,y"), ["--kinds", "a=b=nominal"]),
    "drop": (GOOD, ["--drop", "a"]),
    "group": (GOOD, ["--group", "a"]),
    "positive": (GOOD, ["--positive", "0"]),
    "balanced": (GOOD, ["--class-weight", "balanced", "--metric", "f1"]),
}


@pytest.mark.parametrize("name", ACCEPTED)
def test_an_odd_table_is_fitted(mulle, tmp_path, name):
    data, options = ACCEPTED[name]
    (tmp_path / "t.csv").write_bytes(data)
    said = mulle("fit", "t.csv", "--target", "y", *FAST, "--format", "json", *options)
    assert said.code == 0, said.err
    assert json.loads(said.out)["parity"]["label_flips"] == 0


@pytest.mark.parametrize(
    ("options", "error"),
    [
        (["--metric", "roc"], "error: There is no metric named 'roc'. (metric-unknown)"),
        (["--preset", "godo"], "error: There is no preset named 'godo'. (preset-unknown)"),
        *(
            (
                ["--time", value],
                f"error: --time must be a number above 0, not {shown}. (option-not-positive)",
            )
            for value, shown in [("0", "0"), ("-1", "-1"), ("nan", "nan"), ("1e400", "inf")]
        ),
        (["--time", "1m"], "error: --time needs a number, not '1m'. (option-not-number)"),
        (
            ["--threshold", "nan"],
            "error: --threshold must be between 0 and 1, not nan. (threshold-range)",
        ),
        (["--drop", "z"], "error: There is no column named 'z'. (column-unknown)"),
        (["--kinds", "a"], "error: --kinds got 'a', which has no '='. (option-not-a-pair)"),
        (["--kinds", "a=cat"], "error: There is no kind named 'cat'. (kind-unknown)"),
        (["--plan", "no.toml"], "error: There is no plan file no.toml. (plan-missing)"),
        (["--cost", "fn=x"], "error: --cost fn must be a number of 0 or more, not x. (cost-range)"),
        (
            ["--threshold", "2"],
            "error: --threshold must be between 0 and 1, not 2. (threshold-range)",
        ),
        (["--positive", "2"], "error: There is no label named '2'. (label-unknown)"),
        (["--encoding", "cp99"], "error: There is no encoding named 'cp99'. (encoding-unknown)"),
        (["--resume", "no"], "error: There is no run 'no'. (run-missing)"),
    ],
)
def test_an_option_that_cannot_be(mulle, tmp_path, options, error):
    (tmp_path / "t.csv").write_bytes(GOOD)
    said = mulle("fit", "t.csv", "--target", "y", "--quiet", *options)
    assert (said.code, said.out) == (Exit.wrong_command, "")
    assert said.err.splitlines()[0] == error


def test_json_is_one_object(mulle, tmp_path):
    (tmp_path / "t.csv").write_bytes(GOOD)
    said = mulle("fit", "t.csv", "--target", "y", *FAST, "--format", "json", "-o", "out")
    summary = json.loads(said.out)
    assert said.out.count("\n") == 1
    assert set(summary) >= {
        "bundle",
        "report",
        "task",
        "metric",
        "score",
        "parity",
        "budget",
        "latency_us",
        "size_bytes",
        "leaderboard",
        "decisions",
    }
    assert (tmp_path / summary["bundle"]).parent == tmp_path / "out"
    assert (tmp_path / summary["decisions"]["file"]).exists()


def test_where_nothing_can_be_learned_the_summary_says_so(mulle, tmp_path):
    rows = "".join(f"{i % 7},{'ab'[i % 2]}\n" for i in range(140))
    (tmp_path / "t.csv").write_bytes(b"x,y\n" + rows.encode())
    said = mulle("fit", "t.csv", "--target", "y", *FAST)
    assert "no better than always giving the same answer" in said.out
    assert "No learner is better than always giving the same answer" in said.err


def test_text_tells_the_same(mulle, tmp_path):
    (tmp_path / "t.csv").write_bytes(GOOD)
    said = mulle("fit", "t.csv", "--target", "y", *FAST)
    lines = said.out.splitlines()
    assert lines[0].startswith("y: roc_auc ")
    heads = [line.split("  ")[1] for line in lines[2:8]]
    assert heads == ["validation", "positive", "proof", "time", "one row", "made of"]
    assert lines[-2:] == [
        "next: mulle predict t.mulle t.csv -o predictions.csv",
        "      mulle explain t.mulle",
    ]
    assert "reading the table" in said.err
    assert "baseline" in said.err


def test_quiet_keeps_warnings_only(mulle, tmp_path):
    rows = [*numbered("{q},{r},{p}"), "1,2,z", "2,3,z", "3,4,z"]
    (tmp_path / "t.csv").write_bytes(table(*rows))
    said = mulle("fit", "t.csv", "--target", "y", *FAST, "--quiet")
    assert said.code == 0
    lines = said.err.splitlines()
    assert lines and all(line.startswith("warning: ") for line in lines)


def test_many_warnings_of_one_sort_are_counted(mulle, tmp_path):
    rows = [",".join(["yes" if i % 3 else "no"] * 6) for i in range(90)]
    (tmp_path / "t.csv").write_text("\n".join(["a,b,c,d,e,y", *rows]), encoding="utf-8")
    said = mulle("fit", "t.csv", "--target", "y", *FAST, "--quiet")
    leaks = [line for line in said.err.splitlines() if line.startswith("warning: Column “")]
    assert len(leaks) == 3
    assert "and 2 more like this: mulle explain leak-suspected" in said.err


def test_few_classes_of_few_rows_are_one_warning(mulle, tmp_path):
    rows = numbered("{q},{r},c{q}", 12) + [f"1,2,d{i % 9}" for i in range(27)]
    (tmp_path / "t.csv").write_bytes(table(*rows))
    said = mulle("fit", "t.csv", "--target", "y", *FAST, "--quiet")
    assert said.err.count("Some classes have very few rows") == 1


def test_the_summary_says_where_the_model_before_is(mulle, tmp_path):
    (tmp_path / "t.csv").write_bytes(GOOD)
    first = mulle("fit", "t.csv", "--target", "y", *FAST)
    assert "rollback" not in first.out
    before = (tmp_path / "t.mulle").read_bytes()
    again = mulle("fit", "t.csv", "--target", "y", *FAST, "--seed", "1")
    assert "the model before, kept: mulle rollback t.mulle" in again.out
    assert mulle("rollback", "t.mulle").code == Exit.done
    assert (tmp_path / "t.mulle").read_bytes() == before
    korean = mulle("--lang", "ko", "fit", "t.csv", "--target", "y", *FAST, "--seed", "2")
    assert "보관해 둔 이전 모델, 되돌리기: mulle rollback t.mulle" in korean.out


def test_a_run_of_one_trial_says_that_no_learner_was_tried(mulle, tmp_path):
    (tmp_path / "t.csv").write_bytes(GOOD)
    done = mulle("fit", "t.csv", "--target", "y", "--trials", "1")
    assert (
        "of the baseline, which always gives the same answer: no learner has finished" in done.out
    )
    assert "For a learner, allow two trials or more (--trials 2)" in done.err


def test_a_place_inside_a_file_is_refused_before_the_work(mulle, tmp_path):
    (tmp_path / "t.csv").write_bytes(GOOD)
    for place in ("t.csv", "t.csv/model.mulle"):
        done = mulle("fit", "t.csv", "--target", "y", *FAST, "-o", place)
        assert done.code == Exit.wrong_command
        assert "t.csv is no folder, so nothing can be written inside it." in done.err
    assert (tmp_path / "t.csv").read_bytes() == GOOD
