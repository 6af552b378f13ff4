"""Faults for real: interrupted, killed and resumed, a disk that ends; each in its own process."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from mulle import load
from mulle.cli import Exit
from mulle.cli.demo_data import make_table

posix = pytest.mark.skipif(os.name == "nt", reason="signals and limits of POSIX")
# A test may itself run where Ctrl-C is ignored; a terminal would not start a program like that.
_START = """
import signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)
from mulle.cli import main
sys.exit(main(sys.argv[1:]))
"""


def started(folder: Path, *arguments: str, start: str = _START) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", start, *arguments],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
    )


def wait_for(process: subprocess.Popen[str], word: str) -> None:
    """Read stderr up to a line that holds `word`."""
    assert process.stderr
    for line in process.stderr:
        if word in line:
            return
    raise AssertionError(f"ended before it said {word!r}")


@pytest.fixture
def cancer(tmp_path: Path) -> Path:
    (tmp_path / "cancer.csv").write_bytes(make_table("breast_cancer")[0])
    return tmp_path


FIT = ("fit", "cancer.csv", "--target", "diagnosis", "--jobs", "1")


@posix
def test_ctrl_c_delivers_the_best_so_far(cancer):
    process = started(cancer, *FIT, "--time", "60", "--preset", "best", "--format", "json")
    wait_for(process, "linear")
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert process.returncode == Exit.interrupted, err
    summary = json.loads(out)
    assert summary["budget"]["stopped"] == "interrupted"
    assert f"Go on with: mulle fit --resume {summary['run']}" in err
    model = load(cancer / summary["bundle"])
    assert set(model.predict(cancer / "cancer.csv")) == {"benign", "malignant"}


@posix
def test_ctrl_c_before_there_is_a_model(cancer):
    process = started(cancer, *FIT, "--time", "60")
    wait_for(process, "reading the table")
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=60)
    assert process.returncode == Exit.interrupted
    assert "Traceback" not in err


@pytest.mark.long
@posix
def test_a_killed_run_is_resumed(cancer):
    process = started(cancer, *FIT, "--trials", "5", "--preset", "quick")
    wait_for(process, "lightgbm")
    process.kill()
    process.communicate()
    [run] = (cancer / ".mulle" / "runs").iterdir()
    finished = {p.name: p.read_bytes() for p in (run / "trials").glob("*.json")}
    assert len(finished) >= 3  # the baseline, linear and lightgbm had been said to be done
    again = started(cancer, "fit", "--resume", run.name, "--format", "json")
    out, err = again.communicate(timeout=100)
    assert again.returncode == 0, err
    assert {n: (run / "trials" / n).read_bytes() for n in finished} == finished
    summary = json.loads(out)
    assert summary["run"] == run.name
    assert len(list((run / "trials").glob("*.json"))) >= len(finished)
    assert load(cancer / summary["bundle"]).manifest.target.name == "diagnosis"


_LIMITED = """
import resource, sys
resource.setrlimit(resource.RLIMIT_FSIZE, ({size}, {size}))
from mulle.cli import main
sys.exit(main(sys.argv[1:]))
"""


@posix
def test_a_disk_that_ends_while_the_model_is_written(shop):
    before = (shop / "shop.mulle").read_bytes()
    options = ("--trials", "2", "--preset", "quick", "--jobs", "1", "--quiet")
    start = _LIMITED.format(size=len(before) // 2)
    process = started(shop, "fit", "shop.csv", "-t", "bought", *options, start=start)
    out, err = process.communicate(timeout=60)
    assert (process.returncode, out) == (Exit.failed, ""), err
    assert "error: The earlier shop.mulle could not be kept: File too large. (keep-failed)" in err
    assert (shop / "shop.mulle").read_bytes() == before
    assert not [p.name for p in shop.iterdir() if p.name.startswith(".shop")]


@posix
@pytest.mark.parametrize("size", [100, 1_000])
def test_a_disk_that_ends_at_once(shop, size):
    start = _LIMITED.format(size=size)
    options = ("--trials", "2", "--preset", "quick", "--jobs", "1", "--quiet")
    process = started(shop, "fit", "shop.csv", "-t", "bought", *options, start=start)
    _, err = process.communicate(timeout=60)
    assert process.returncode == Exit.failed
    assert err.startswith("error: ")
    assert "Traceback" not in err
