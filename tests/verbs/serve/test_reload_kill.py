"""Killed at every step of an upload, a promotion, a rollback or a fit's last step: what was there
is still served, and the next try goes through."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from mulle.bundle import kept_files, load
from mulle.bundle.kept import KEPT
from mulle.verbs.serve.models import ModelRepository

pytestmark = [
    pytest.mark.long,
    pytest.mark.skipif(os.name == "nt", reason="forks and signals of POSIX"),
]

_FORKED = """
import os, sys
from pathlib import Path
import mulle.bundle, mulle.verbs.retrain.promote, mulle.verbs.retrain.rollback
import mulle.verbs.serve.security.upload as upload
from mulle.bundle import load, deliver, Latency
from mulle.bundle.manifest import Proof
from mulle.verbs.retrain import promote, rollback

def put():
    upload._place(Path("m.mulle"), Path("next").read_bytes(), replace=False)

def force():
    upload._place(Path("m.mulle"), Path("other").read_bytes(), replace=True)

def fit():
    model = load("next")
    deliver(Path("m.mulle"), model, proof=model.manifest.parity, scores={}, latency=Latency(0, 0))

def promoted():
    promote("m.mulle", to="next")

def back():
    rollback("m.mulle")

def child(work, step):
    # Die before the nth change that the file system is asked for: open to write, rename, unlink.
    count = [0]
    def watch(event, arguments):
        writes = event == "open" and (arguments[2] or 0) & (os.O_WRONLY | os.O_RDWR)
        if writes or event in ("os.rename", "os.remove", "os.mkdir", "sqlite3.connect"):
            count[0] += 1
            if count[0] == step:
                os.kill(os.getpid(), 9)
    sys.addaudithook(watch)
    globals()[work]()
    os._exit(7)  # done before the step

work, folder = sys.argv[1], sys.argv[2]
os.chdir(folder)
for step in range(1, 200):
    at = f"step-{step:03}"
    import shutil
    shutil.copytree("begin", at)
    pid = os.fork()
    if not pid:
        try:
            os.chdir(at)
            child(work, step)
        finally:
            os._exit(1)
    code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    print(at, code, flush=True)
    if code != -9:
        break
"""
GOLDEN = Path(__file__).parents[2] / "bundle" / "golden"


@pytest.fixture
def begin(bundle, challenger, tmp_path):
    """A folder with a model, the one before, the next one and another one."""
    folder = tmp_path / "begin"
    (folder / KEPT / "m").mkdir(parents=True)
    shutil.copy(bundle, folder / "m.mulle")
    shutil.copy(challenger, folder / KEPT / "m" / "0001-00000000.mulle")
    shutil.copy(challenger, folder / "next")
    shutil.copy(GOLDEN / "regression.mulle", folder / "other")
    return folder


@pytest.mark.parametrize("work", ["put", "force", "fit", "promoted", "back"])
def test_whenever_it_is_killed_what_was_there_or_the_next_is_served(begin, work):
    env = os.environ | {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
    command = [sys.executable, "-c", _FORKED, work, str(begin.parent)]
    done = subprocess.run(command, capture_output=True, text=True, env=env, check=False)
    lines = done.stdout.splitlines()
    assert [line.split()[1] for line in lines[:-1]] == ["-9"] * (len(lines) - 1), done.stderr
    assert lines[-1].endswith(" 7") and len(lines) > 4, done.stderr
    before, moved = (begin / "m.mulle").read_bytes(), []
    for line in lines:
        folder = begin.parent / line.split()[0]
        now = (folder / "m.mulle").read_bytes()
        moved.append(now != before)
        kept = [file.read_bytes() for file in kept_files(folder / "m.mulle")]
        stepped_down = folder / KEPT / "m" / "rolled-back.mulle"
        if now != before:  # what stood there is never lost
            assert before in kept or stepped_down.read_bytes() == before
        load(folder / "m.mulle")
        for file in kept_files(folder / "m.mulle"):
            load(file)
        repository = ModelRepository((str(folder),))
        assert repository.failures == [] and repository.names == ["m"]
    assert moved == sorted(moved) and moved[-1]  # one instant, before which nothing has changed
