"""Progress on a real terminal: a line that moves, and no colour where none is wanted."""

from __future__ import annotations

import os
import subprocess
import sys
from types import SimpleNamespace

import pytest

from mulle.budget import Budget
from mulle.cli import console
from mulle.cli.progress import FitProgress

posix = pytest.mark.skipif(os.name == "nt", reason="pseudo-terminals of POSIX")


def on_a_terminal(folder, *arguments: str, **environment: str) -> tuple[str, str]:
    """stdout, and what a terminal got as stderr."""
    import pty

    master, slave = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "mulle", *arguments],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=slave,
        env=os.environ | {"TERM": "xterm", "COLUMNS": "100"} | environment,
    )
    os.close(slave)
    shown = b""
    try:
        while part := os.read(master, 65536):
            shown += part
    except OSError:
        pass  # Linux says so that the other end has closed
    os.close(master)
    out, _ = process.communicate(timeout=60)
    return out.decode(), shown.decode(errors="replace")


FIT = ("fit", "shop.csv", "-t", "bought", "--preset", "quick", "--jobs", "1", "--time", "20")


@posix
def test_the_time_left_is_shown(shop):
    out, shown = on_a_terminal(shop, *FIT)
    assert out.startswith("bought: roc_auc ")
    assert "s left" in shown
    assert "trying plans, compared by roc_auc" in shown


@posix
@pytest.mark.parametrize(("no_color", "coloured"), [("", True), ("1", False)])
def test_no_color_is_honoured(tmp_path, no_color, coloured):
    _, shown = on_a_terminal(tmp_path, "fti", NO_COLOR=no_color)
    assert ("\x1b[1;31merror:\x1b[0m" in shown) is coloured
    assert "There is no command named 'fti'." in shown


def test_a_warning_is_a_sentence(capfd, monkeypatch):
    monkeypatch.setattr("mulle.cli.console.quiet", False)
    with FitProgress() as progress:
        for label in "abcde":
            progress.warn("class-tiny", label=label, count=2)
        progress.stage("search")
    lines = capfd.readouterr().err.splitlines()
    assert [line.startswith("warning: ") for line in lines] == [True] * 4 + [False]
    assert lines[3] == "warning: … and 2 more like this: mulle explain class-tiny"


def test_a_slow_start_is_named(capfd, monkeypatch):
    monkeypatch.setattr(console, "quiet", False)
    for spent, word in (
        (5.0, "reading the table (starting mulle took 5.00 s)"),
        (0.0, "the table\n"),
    ):
        with FitProgress() as progress:
            progress.stage("read", run=SimpleNamespace(budget=Budget(None, spent=spent)))
        assert word in capfd.readouterr().err
