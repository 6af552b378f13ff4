"""Models by name, version and alias; replaced while they are served."""

import os
import shutil
import threading

import pytest
from tests.verbs.serve.conftest import ROW

from mulle.errors import BundleError, MissingFile, UnknownName, UsageError
from mulle.store import RunIndex
from mulle.verbs.serve.http import Refused
from mulle.verbs.serve.models import Shelf


@pytest.fixture
def copy(bundle, tmp_path):
    return shutil.copy(bundle, tmp_path / "stays.mulle")


@pytest.fixture
def registry(bundle, regression, tmp_path):
    """A registry with two versions of one model, the first the champion."""
    index = RunIndex(tmp_path, folder=tmp_path)
    for path in (bundle, regression):
        index.register("stays", path, "run", {"accuracy": 0.5})
    index.alias("stays", "champion", 1)
    return tmp_path


def test_a_file_a_folder_and_a_name(bundle, regression, tmp_path):
    shutil.copy(bundle, tmp_path / "a.mulle")
    shutil.copy(regression, tmp_path / "b.mulle")
    assert Shelf((str(tmp_path),)).names == ["a", "b"]
    shelf = Shelf((f"first={bundle}", f"second={regression}"))
    assert shelf.names == ["first", "second"] and shelf.pick().name == "first"
    assert shelf.pick("second").model.is_regression


@pytest.mark.parametrize(
    ("specs", "error"),
    [(("gone.mulle",), MissingFile), (("name@alias",), MissingFile), ((".",), MissingFile)],
)
def test_what_cannot_be_served_at_the_start(specs, error, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(error):
        Shelf(specs)


def test_two_files_of_one_name(bundle, copy):
    with pytest.raises(UsageError, match="stays"):
        Shelf((str(bundle), str(copy)))


def test_garbage_at_the_start(tmp_path):
    path = tmp_path / "bad.mulle"
    path.write_bytes(b"PK garbage")
    with pytest.raises(BundleError):
        Shelf((str(path),))


def test_versions_and_aliases_of_the_registry(registry):
    shelf = Shelf(("stays",), registry)
    assert shelf.pick("stays").version == "1"
    assert shelf.pick("stays", "champion").version == "1"
    assert Shelf(("stays@2",), registry).pick().version == "2"
    with pytest.raises(UnknownName):
        Shelf(("stays@chmpion",), registry)
    for name, version in (("other", ""), ("stays", "9")):
        with pytest.raises(Refused) as refused:
            shelf.pick(name, version)
        assert refused.value.status == 404


def test_a_moved_alias_is_followed(registry):
    shelf = Shelf(("stays",), registry)
    first = shelf.pick()
    RunIndex(registry, folder=registry).alias("stays", "champion", 2)
    changes = shelf.refresh()
    assert shelf.pick().version == "2" and [h.version for h in changes.dropped] == ["1"]
    assert first.model.predict(ROW) is not None  # who holds it goes on
    RunIndex(registry, folder=registry).alias("stays", "champion", 1)
    shelf.refresh()
    assert shelf.pick().version == "1"  # what was let go of comes back


def test_a_replaced_file_is_taken_up_and_garbage_is_not(copy, regression):
    shelf = Shelf((str(copy),))
    before = shelf.pick()
    assert shelf.refresh().loaded == []
    with open(copy, "wb") as file:
        file.write(b"garbage")
    for _ in range(2):  # told each time, tried once
        assert [f.model for f in shelf.refresh().failures] == ["stays"]
    assert shelf.pick() is before
    os.remove(copy)
    assert shelf.refresh().failures and shelf.pick() is before
    shutil.copy(regression, copy)
    assert shelf.refresh().failures == [] and shelf.pick().model.is_regression


def test_a_server_goes_on_while_its_file_is_replaced(start, copy, bundle, regression):
    server, stop, wrong = start(copy), threading.Event(), []

    def ask():
        while not stop.is_set():
            answer = server.post("/predict", ROW)
            if answer.status != 200:
                wrong.append((answer.status, answer.body))

    callers = [threading.Thread(target=ask) for _ in range(3)]
    for caller in callers:
        caller.start()
    seen = set()
    try:
        for path in (regression, None, bundle, None, regression, bundle):
            if path is None:
                with open(copy, "wb") as file:
                    file.write(os.urandom(4096))
            else:
                shutil.copy(path, f"{copy}.new")
                os.replace(f"{copy}.new", copy)
            stop.wait(1.4)
            ready = server.get("/health/ready").json()
            assert bool(ready["not_loaded"]) == (path is None)
            seen.add(ready["models"]["stays"])
    finally:
        stop.set()
        for caller in callers:
            caller.join()
    assert wrong == [] and len(seen) == 2
    failures = next(
        line for line in server.get("/metrics").body.decode().splitlines()
        if line.startswith("model_reload_failures_total")
    )  # fmt: skip
    assert float(failures.split()[1]) == 2
