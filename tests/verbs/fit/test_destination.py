"""Where a fit writes, and that nothing of a person's is lost there."""

from __future__ import annotations

import gc
import subprocess
import sys
import tempfile
from pathlib import Path

import msgspec
import polars as pl
import pytest

import mulle
from mulle.bundle import kept_files
from mulle.errors import MulleError, RunError, UsageError
from mulle.verbs.fit import deliver as delivering
from mulle.verbs.fit import fit, resume
from mulle.verbs.fit import fit as fitting
from mulle.verbs.fit.progress import Progress
from mulle.verbs.fit.run import find_run

FEATURES = ["size", "age", "district"]


@pytest.fixture(autouse=True)
def quick_table(table, monkeypatch):
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    table.write_csv("homes.csv")


def quick(target="dear", source="homes.csv", **options):
    drop = [c for c in ("dear", "price", "band", "sold") if c != target]
    given = {"trials": 2, "preset": "quick", "n_jobs": 1, "drop": drop}
    return fit(source, target, **(given | options))


class NoSearch(Progress):
    """Fails a test whose refusal comes only after the search has begun."""

    def stage(self, name, **values):
        assert name == "read"


def files_of(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def test_in_python_nothing_is_written_unless_asked(table, folder, monkeypatch, tmp_path_factory):
    elsewhere = tmp_path_factory.mktemp("temporary")
    monkeypatch.setattr(tempfile, "tempdir", str(elsewhere))
    before = files_of(folder)
    result = quick(source=table)
    assert (result.bundle, result.report) == (None, None)
    assert files_of(folder) == before
    assert result.summary()["bundle"] is None
    assert "<title>" in result.html
    assert result.leaderboard.height == 2
    assert len(result.decisions) > 5
    assert len(result.model.predict(table)) == table.height
    assert result.run.folder.is_relative_to(elsewhere)
    del result
    gc.collect()
    assert not [*elsewhere.iterdir()]


def test_a_result_can_be_saved(table, folder):
    result = quick(source=table)
    model, report = result.save("models/homes.mulle")
    assert (model, report) == (Path("models/homes.mulle"), Path("models/homes.html"))
    assert mulle.load(model).graph == result.model.graph
    assert report.read_text("utf-8") == result.html
    assert result.save("models")[0] == Path("models/table.mulle")
    result.save("models/homes.mulle")  # the same over again
    with pytest.raises(UsageError) as refused:
        quick("band", source=table).save("models/homes.mulle")
    assert refused.value.code == "model-other-target"


def test_a_name_that_ends_in_mulle_is_the_file(folder):
    result = quick(output="models/x.mulle")
    assert (result.bundle, result.report) == (Path("models/x.mulle"), Path("models/x.html"))
    assert result.bundle.is_file()
    Path("y.mulle").mkdir()
    with pytest.raises(UsageError) as refused:
        quick(output="y.mulle", progress=NoSearch())
    assert refused.value.code == "output-not-a-file"


def test_the_same_model_over_again_replaces_and_keeps_the_old_one(folder):
    first = quick(output=".").bundle.read_bytes()
    result = quick(output=".", seed=1)
    assert result.bundle.read_bytes() != first
    assert [path.read_bytes() for path in kept_files(result.bundle)] == [first]


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ({"target": "band"}, "model-other-target"),
        ({"drop": ["price", "band"]}, "model-asks-more"),
        ({"kinds": {"age": "nominal"}}, "model-reads-otherwise"),
    ],
)
def test_another_model_is_refused_before_the_search(folder, options, code):
    served = quick(output=".", positive="yes")
    before = files_of(folder)
    with pytest.raises(UsageError) as refused:
        quick(**({"output": ".", "positive": None, "progress": NoSearch()} | options))
    assert refused.value.code == code
    after = files_of(folder)
    assert {name: after[name] for name in before if "locks" not in name} == {
        name: data for name, data in before.items() if "locks" not in name
    }
    again = quick(**({"output": ".", "positive": None, "replace": True} | options))
    assert again.bundle == served.bundle
    assert len(kept_files(again.bundle)) == 1


@pytest.mark.parametrize("name", ["homes.mulle", "homes.html"])
@pytest.mark.parametrize("content", [b"mine", b"", b'<meta name="generator" content="other">'])
def test_a_file_of_a_person_is_refused_before_the_search(folder, name, content):
    Path(name).write_bytes(content)
    with pytest.raises(UsageError) as refused:
        quick(output=".", progress=NoSearch())
    assert refused.value.code in {"output-exists", "place-taken"}
    assert Path(name).read_bytes() == content
    quick(output=".", replace=True)
    assert Path(name).read_bytes() != content


def test_a_page_of_another_verb_is_a_file_of_a_person(folder):
    mulle.explore("homes.csv", target="dear").save("homes.html")
    with pytest.raises(UsageError) as refused:
        quick(output=".", progress=NoSearch())
    assert refused.value.code == "output-exists"


def test_the_report_in_another_language_is_the_same_report(folder):
    quick(output=".", lang="en")
    assert "처음 보는" in quick(output=".", lang="ko").html


def test_what_comes_while_a_fit_works_is_not_lost(folder, monkeypatch):
    original = fitting.__globals__["search"]

    def meanwhile(*args, **kwargs):
        Path("homes.mulle").write_bytes(b"mine")
        return original(*args, **kwargs)

    monkeypatch.setitem(fitting.__globals__, "search", meanwhile)
    with pytest.raises(UsageError) as refused:
        quick(output=".")
    assert refused.value.code == "place-taken"
    assert Path("homes.mulle").read_bytes() == b"mine"


def test_a_second_fit_of_one_name_is_refused_and_hears_who_works(folder, monkeypatch):
    original, seen = fitting.__globals__["search"], []

    def meanwhile(plans, training, metric, run, *args, **kwargs):
        command = [sys.executable, "-m", "mulle", "fit", "homes.csv", "-t", "dear", "--trials", "1"]
        done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8")
        seen.append((done.returncode, done.stderr, run.record.id))
        again = [sys.executable, "-m", "mulle", "fit", "--resume", run.record.id]
        done = subprocess.run(again, capture_output=True, text=True, encoding="utf-8")
        seen.append((done.returncode, done.stderr, run.record.id))
        return original(plans, training, metric, run, *args, **kwargs)

    monkeypatch.setitem(fitting.__globals__, "search", meanwhile)
    quick(output=".")
    (code, told, run), (code_again, told_again, _) = seen
    assert (code, code_again) == (1, 1)
    assert "(bundle-busy)" in told
    assert f"Run {run} (process " in told
    assert "(run-busy)" in told_again
    assert run in told_again
    monkeypatch.undo()


def test_two_names_in_one_folder_do_not_wait_for_each_other(folder, monkeypatch):
    original = fitting.__globals__["search"]

    def meanwhile(*args, **kwargs):
        monkeypatch.setitem(fitting.__globals__, "search", original)
        quick(output="other.mulle")
        return original(*args, **kwargs)

    monkeypatch.setitem(fitting.__globals__, "search", meanwhile)
    assert quick(output="one.mulle").bundle.exists()
    assert Path("other.mulle").exists()


def test_a_report_that_fails_costs_no_model(folder, monkeypatch):
    heard = []

    class Hearing(Progress):
        def warn(self, code, **values):
            heard.append((code, values))

    def broken(*args):
        raise MemoryError("no room for pictures")

    monkeypatch.setattr(delivering, "make_report", broken)
    result = quick(output=".", progress=Hearing())
    assert (result.report, result.html) == (None, "")
    assert mulle.load(result.bundle).graph == result.model.graph
    assert result.run.record.status == "done"
    assert heard == [("report-failed", {"reason": "MemoryError: no room for pictures"})]


def test_a_run_is_done_before_its_pictures_are_drawn(folder, monkeypatch):
    def killed(packaged, data, run, *rest):
        assert msgspec.json.decode((run.folder / "run.json").read_bytes())["status"] == "done"
        raise KeyboardInterrupt

    monkeypatch.setattr(delivering, "make_report", killed)
    with pytest.raises(KeyboardInterrupt):
        quick(output=".")
    (run,) = Path(".mulle/runs").iterdir()
    record = msgspec.json.decode((run / "run.json").read_bytes())
    assert (record["status"], record["bundle"]) == ("done", "homes.mulle")
    assert mulle.load("homes.mulle").predict("homes.csv").shape == (240,)


def test_a_disk_without_room_is_found_before_the_search(folder, monkeypatch):
    from mulle.files import output

    class Usage:
        free = 1000

    monkeypatch.setattr(output.shutil, "disk_usage", lambda path: Usage)
    with pytest.raises(RunError) as refused:
        quick(output=".", progress=NoSearch())
    assert refused.value.code == "disk-room"
    assert "1 KB left" in refused.value.what


def test_a_trial_and_its_predictions_are_one_file(folder):
    result = quick(output=".")
    files = sorted(p.name for p in (result.run.folder / "trials").iterdir())
    assert files == ["000.json", "001.json"]
    trials = result.run.trials()
    assert [trial.plan.name for trial, _ in trials] == ["baseline", "linear"]
    assert all(oof.shape == (192, 2) for _, oof in trials)


def test_a_run_that_is_not_here_is_named():
    with pytest.raises(MulleError) as refused:
        resume("20260101-000000-nothing-0000")
    assert refused.value.code == "run-missing"
    with pytest.raises(MulleError):
        find_run("nothing")


def test_a_log_line_that_a_kill_cut_off_does_not_swallow_the_next(folder):
    from mulle.decisions import DecisionLog

    log = DecisionLog(Path("decisions.jsonl"))
    log.add("one")
    with Path("decisions.jsonl").open("ab") as file:
        file.write(b'{"code": "tw')
    DecisionLog(Path("decisions.jsonl")).add("three")
    assert [d.code for d in DecisionLog(Path("decisions.jsonl"))] == ["one", "three"]


def test_polars_frames_leave_no_trace_either(folder):
    quick(source=pl.read_csv("homes.csv"))
    assert [p.name for p in folder.iterdir()] == ["homes.csv"]
