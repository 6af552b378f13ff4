"""Whatever lies in the served folder, a running server takes up what is good, and says the rest."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest
from tests.bundle.test_trial import repeat, rewritten
from tests.verbs.serve.test_monitor import until

GOLDEN = Path(__file__).parents[2] / "bundle" / "golden"


def not_loaded(server):
    return {one["model"]: one["code"] for one in server.get("/health/ready").json()["not_loaded"]}


def metric(server, name):
    lines = server.get("/metrics").body.decode().splitlines()
    return next(float(line.split()[1]) for line in lines if line.startswith(name + " "))


@pytest.mark.skipif(os.name == "nt", reason="pipes and links of POSIX")
def test_a_folder_called_x_a_dangling_link_and_a_wrong_graph(start, tmp_path):
    folder = tmp_path / "models"
    folder.mkdir()
    shutil.copy(GOLDEN / "binary.mulle", folder / "b.mulle")
    server = start(folder)
    (folder / "x.mulle").mkdir()
    (folder / "link.mulle").symlink_to(tmp_path / "gone")
    os.mkfifo(folder / "pipe.mulle")
    rewritten(tmp_path / "w", GOLDEN / "regression.mulle", repeat(1, 2)).rename(folder / "w.mulle")
    expected = {
        "x": "bundle-is-folder", "link": "bundle-file-missing",
        "pipe": "bundle-no-file", "w": "trial-rows",
    }  # fmt: skip
    until(lambda: not_loaded(server) == expected)
    assert metric(server, "models_not_loaded") == 4
    shutil.copy(GOLDEN / "multiclass.mulle", folder / "later.mulle")
    until(lambda: "later" in server.get("/health/ready").json()["models"])
    assert not_loaded(server) == expected
    for name in expected:
        odd = folder / f"{name}.mulle"
        odd.rmdir() if name == "x" else odd.unlink()
    until(lambda: not_loaded(server) == {})
    assert metric(server, "models_not_loaded") == 0
    assert metric(server, "model_reload_failures_total") == 4
    printed = server.stop()
    for name in expected:
        assert printed.count(f"The model {name} cannot be loaded") == 1
    assert "Traceback" not in printed


def test_a_second_fit_for_another_target_is_not_served(start, bundle, regression, tmp_path):
    path = tmp_path / "m.mulle"
    shutil.copy(bundle, path)
    server = start(path)
    before = server.get("/health/ready").json()["models"]
    shutil.copy(regression, path)
    until(lambda: not_loaded(server) == {"m": "model-other-target"})
    assert server.get("/health/ready").json()["models"] == before


def test_a_challenger_waits_out_of_sight(start, tmp_path):
    folder = tmp_path / "models"
    folder.mkdir()
    shutil.copy(GOLDEN / "binary.mulle", folder / "b.mulle")
    shutil.copy(GOLDEN / "regression.mulle", folder / "b.challenger.mulle")
    shutil.copy(GOLDEN / "regression.mulle", folder / "alone.challenger.mulle")
    server = start(folder)
    names = [one["name"] for one in server.get("/models").json()["models"]]
    assert names == ["alone.challenger", "b"]
    assert not_loaded(server) == {}


def test_a_name_of_nothing_before_the_alias(start, tmp_path):
    folder = tmp_path / "models"
    folder.mkdir()
    shutil.copy(GOLDEN / "binary.mulle", folder / "@new.mulle")
    shutil.copy(GOLDEN / "binary.mulle", folder / "b.mulle")
    server = start(folder)
    assert [one["name"] for one in server.get("/models").json()["models"]] == ["b"]
    assert not_loaded(server) == {"@new": "bundle-nameless"}
