"""Killed at every instant that matters: the champion serves, and the registry is whole.

One program imports everything once and then forks a child for each instant; the child retrains and
is killed there by SIGKILL. Only the training itself is spared: each is handed the same challenger.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from tests.verbs.retrain.world import QUICK

import mulle
from mulle.errors import UsageError
from mulle.store import RunIndex
from mulle.verbs.retrain import history, retrain, rollback
from mulle.verbs.retrain.slots import find_slot

pytestmark = [
    pytest.mark.long,
    pytest.mark.skipif(os.name == "nt", reason="forks and signals of POSIX"),
]

_FORKED = """
import os, shutil, sys
from pathlib import Path
from types import SimpleNamespace
import onnxruntime, polars, jinja2
import mulle.verbs.fit, mulle.verbs.retrain.loop
import mulle.bundle.kept as kept, mulle.store.registry, mulle.verbs.retrain.slots as slots
from mulle.verbs.retrain import Ledger, retrain

def die():
    os.kill(os.getpid(), 9)

def after(owner, name, times, when=lambda *a: True):
    # Die when `owner.name` has returned for the nth time.
    real, count = getattr(owner, name), [0]
    def wrapped(*arguments, **options):
        value = real(*arguments, **options)
        count[0] += when(*arguments)
        if count[0] == times:
            die()
        return value
    setattr(owner, name, wrapped)

def train(*arguments):
    bundle = Path(arguments[5], "table.mulle")
    shutil.copy("challenger.mulle", bundle)
    run = SimpleNamespace(record=SimpleNamespace(id="r"))
    return SimpleNamespace(
        bundle=bundle, run=run, packaged=SimpleNamespace(scores={}), stopped="no-gain"
    )

def child(point, model):
    sys.modules["mulle.verbs.retrain.loop"].train = train
    sort, _, rest = point.partition(":")
    if sort == "step":
        after(Ledger, "write", 1, lambda self, loop, model, step: step == rest)
    elif sort == "half":
        real = os.fsync
        def torn(handle):
            ledger = Path(".mulle/retrain.jsonl")
            if ledger.exists() and os.fstat(handle).st_ino == ledger.stat().st_ino:
                if b'"' + rest.encode() + b'"' in open(".mulle/retrain.jsonl", "rb").read():
                    os.truncate(".mulle/retrain.jsonl", os.fstat(handle).st_size - 9)
                    die()
            real(handle)
        os.fsync = torn
    elif sort == "models":
        after(mulle.store.registry.models, "write", int(rest))
    elif sort == "bytes":
        after(slots, "write_bytes", int(rest))
    elif sort == "kept":
        after(kept, "write_bytes", int(rest))
    os.chdir(point.replace(":", "-"))
    retrain(model, "new.csv", policy="new", trials=2, preset="quick", n_jobs=1, replace=True,
            latency_factor=50.0, resamples=50)

for point in sys.argv[2:]:
    pid = os.fork()
    if not pid:
        try:
            child(point, sys.argv[1])
        finally:
            os._exit(1)
    print(point, os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), flush=True)
"""
# After the third writing of models.json in a retraining, the aliases have moved.
REGISTERED = ["step:triggered", "half:rows-taken", "models:1", "models:2", "step:compared",
              "step:promoting", "models:3", "step:promoted"]  # fmt: skip
# The challenger, the note that it may stand there, the copy of the champion, the champion itself.
BARE = ["bytes:1", "kept:1", "kept:2", "kept:3"]


@pytest.fixture(scope="module")
def ready(shop: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The shop with a challenger that is better."""
    folder = tmp_path_factory.mktemp("ready") / "shop"
    shutil.copytree(shop, folder)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        assert retrain("shop.mulle", "new.csv", policy="new", **QUICK).challenger is not None
        Path("shop.challenger.mulle").rename("challenger.mulle")
        Path(".mulle/retrain.jsonl").unlink()
    return folder


def killed(folder: Path, ready: Path, model: str, points: list[str]) -> None:
    for point in points:
        at = folder / point.replace(":", "-")
        shutil.copytree(ready, at)
        if model == "shop":
            index = RunIndex(at / ".mulle")
            index.register("shop", at / "shop.mulle", "r", {})
            index.alias("shop", "champion", 1)
    command = [sys.executable, "-c", _FORKED, model, *points]
    env = os.environ | {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
    done = subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == [f"{point} -9" for point in points], done.stderr


@pytest.fixture(scope="module")
def registered(ready: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("registered")
    killed(folder, ready, "shop", REGISTERED)
    return folder


@pytest.fixture(scope="module")
def bare(ready: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("bare")
    killed(folder, ready, "shop.mulle", BARE)
    return folder


def looked_after(model: str) -> list[str]:
    """The next retraining writes down what became of the killed one; the ledger's steps."""
    Path("calm.json").write_text('{"dataset_drift": false}', encoding="utf-8")
    assert retrain(model, "new.csv", if_drift="calm.json").decision == "nothing-to-do"
    for line in Path(".mulle/retrain.jsonl").read_bytes().splitlines():
        json.loads(line)
    return [entry.step for entry in history(model)][:-2]


@pytest.mark.parametrize("point", REGISTERED)
def test_a_registered_champion_serves_on(registered, monkeypatch, point):
    monkeypatch.chdir(registered / point.replace(":", "-"))
    moved = point in {"models:3", "step:promoted"}
    index = RunIndex(".mulle")
    champion = find_slot("shop").champion()
    assert champion.version == (2 if moved else 1)
    assert len(mulle.load(champion.path).predict("new.csv")) == 300
    for version in index.versions("shop"):
        mulle.load(index.bundle_of(version))
    steps = looked_after("shop")
    assert steps[-1] == ("promoted" if moved else "abandoned")
    assert index.aliases("shop").get("previous") == (1 if moved else None)
    if moved:
        rollback("shop")
    else:
        with pytest.raises(UsageError) as error:
            rollback("shop")
        assert error.value.code == "rollback-nothing"
    assert index.aliases("shop")["champion"] == 1


@pytest.mark.parametrize("point", BARE)
def test_a_bare_champion_serves_on(bare, shop, monkeypatch, point):
    monkeypatch.chdir(bare / point.replace(":", "-"))
    first = (shop / "shop.mulle").read_bytes()
    moved = point == "kept:3"
    assert len(mulle.load("shop.mulle").predict("new.csv")) == 300
    assert (Path("shop.mulle").read_bytes() != first) is moved
    assert looked_after("shop.mulle")[-1] == ("promoted" if moved else "abandoned")
    if moved:
        rollback("shop.mulle")
    assert Path("shop.mulle").read_bytes() == first


def test_a_retraining_after_a_kill_goes_through(registered, monkeypatch):
    monkeypatch.chdir(registered / "step-compared")
    outcome = retrain("shop", "new.csv", policy="new", latency_factor=50.0, **QUICK)
    assert outcome.decision == "promoted"
    aliases = RunIndex(".mulle").aliases("shop")
    assert aliases["champion"] == outcome.challenger.version
    assert "challenger" not in aliases
