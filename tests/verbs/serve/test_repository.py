"""Models by name, version and alias; replaced while they are served."""

import os
import shutil
import threading

import pytest
from tests.verbs.serve.conftest import ROW

from mulle.errors import BundleError, MissingFile, UnknownName, UsageError
from mulle.store import RunIndex
from mulle.verbs.serve.http import HTTPError
from mulle.verbs.serve.models import ModelRepository


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
    assert ModelRepository((str(tmp_path),)).names == ["a", "b"]
    repository = ModelRepository((f"first={bundle}", f"second={regression}"))
    assert repository.names == ["first", "second"] and repository.get_model().name == "first"
    assert repository.get_model("second").model.is_regression


@pytest.mark.parametrize(
    ("specs", "error"),
    [(("gone.mulle",), MissingFile), (("name@alias",), MissingFile), ((".",), MissingFile)],
)
def test_what_cannot_be_served_at_the_start(specs, error, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(error):
        ModelRepository(specs)


def test_two_files_of_one_name(bundle, copy):
    with pytest.raises(UsageError, match="stays"):
        ModelRepository((str(bundle), str(copy)))


def test_garbage_at_the_start(tmp_path):
    path = tmp_path / "bad.mulle"
    path.write_bytes(b"PK garbage")
    with pytest.raises(BundleError):
        ModelRepository((str(path),))


def test_versions_and_aliases_of_the_registry(registry):
    repository = ModelRepository(("stays",), registry)
    assert repository.get_model("stays").version == "1"
    assert repository.get_model("stays", "champion").version == "1"
    assert ModelRepository(("stays@2",), registry).get_model().version == "2"
    with pytest.raises(UnknownName):
        ModelRepository(("stays@chmpion",), registry)
    for name, version in (("other", ""), ("stays", "9")):
        with pytest.raises(HTTPError) as refused:
            repository.get_model(name, version)
        assert refused.value.status == 404


def test_a_moved_alias_is_followed(registry):
    repository = ModelRepository(("stays",), registry)
    first = repository.get_model()
    RunIndex(registry, folder=registry).alias("stays", "champion", 2)
    changes = repository.refresh()
    assert repository.get_model().version == "2" and [h.version for h in changes.dropped] == ["1"]
    assert first.model.predict(ROW) is not None  # who holds it goes on
    RunIndex(registry, folder=registry).alias("stays", "champion", 1)
    repository.refresh()
    assert repository.get_model().version == "1"  # what was let go of comes back


def test_a_replaced_file_is_taken_up_and_garbage_is_not(copy, regression):
    repository = ModelRepository((str(copy),))
    before = repository.get_model()
    assert repository.refresh().loaded == []
    with open(copy, "wb") as file:
        file.write(b"garbage")
    for _ in range(2):  # told each time, tried once
        assert [f.model for f in repository.refresh().failures] == ["stays"]
    assert repository.get_model() is before
    os.remove(copy)
    assert repository.refresh().failures and repository.get_model() is before
    shutil.copy(regression, copy)
    assert repository.refresh().failures == [] and repository.get_model().model.is_regression


@pytest.mark.long
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
