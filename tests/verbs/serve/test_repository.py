"""Models by name, version and alias; replaced while they are served."""

import contextlib
import json
import os
import shutil
import socket
import threading
import unicodedata
from pathlib import Path

import pytest
from tests.bundle.test_trial import repeat, rewritten
from tests.verbs.serve.conftest import ROW

from mulle.bundle import accept
from mulle.errors import BundleError, MissingFile, UnknownName, UsageError
from mulle.store import RunIndex
from mulle.verbs.serve.http import HTTPError
from mulle.verbs.serve.metrics import Metrics
from mulle.verbs.serve.models import ModelRepository, ReloadLog


@pytest.fixture
def copy(bundle, tmp_path):
    return shutil.copy(bundle, tmp_path / "stays.mulle")


@pytest.fixture
def folder(bundle, tmp_path):
    """A folder with one model."""
    (tmp_path / "models").mkdir()
    shutil.copy(bundle, tmp_path / "models" / "b.mulle")
    return tmp_path / "models"


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


def codes(changes):
    return [(failure.model, failure.error.code) for failure in changes.failures]


def test_a_replaced_file_is_taken_up_and_garbage_is_not(copy, challenger):
    repository = ModelRepository((str(copy),))
    before = repository.get_model()
    assert repository.refresh().loaded == []
    with open(copy, "wb") as file:
        file.write(b"garbage")
    for _ in range(2):  # told each time, tried once
        assert codes(repository.refresh()) == [("stays", "bundle-damaged")]
    assert repository.get_model() is before
    os.remove(copy)
    assert repository.refresh().failures and repository.get_model() is before
    shutil.copy(challenger, copy)
    changes = repository.refresh()
    after = repository.get_model()
    assert changes.failures == [] and changes.swaps == [("stays", before.version, after.version)]
    assert before.version != after.version


def test_another_model_is_not_taken_up_unless_it_is_accepted(copy, regression, bundle):
    repository = ModelRepository((str(copy),))
    before = repository.get_model()
    shutil.copy(regression, copy)
    for _ in range(2):
        assert codes(repository.refresh()) == [("stays", "model-other-target")]
        assert repository.get_model() is before
    shutil.copy(bundle, copy)
    assert (
        repository.refresh().failures == [] and repository.get_model() is before
    )  # the same bytes
    accept(Path(copy), regression.read_bytes())
    shutil.copy(regression, copy)
    assert repository.refresh().failures == [] and repository.get_model().model.is_regression
    assert ModelRepository((str(copy),)).get_model().model.is_regression


def test_a_registered_file_that_was_changed_is_not_served(registry, regression):
    index = RunIndex(registry, folder=registry)
    path = index.bundle_of(index.version("stays", 1))
    repository = ModelRepository(("stays@1",), registry)
    shutil.copy(regression, path)
    assert codes(repository.refresh()) == [("stays", "bundle-replaced")]
    assert not repository.get_model().model.is_regression


def put_folder(path):
    path.mkdir()


def put_dangling(path):
    path.symlink_to(path.parent / "gone")


def put_loop(path):
    path.symlink_to(path.name)


def put_pipe(path):
    os.mkfifo(path)


def put_socket(path):
    with contextlib.closing(socket.socket(socket.AF_UNIX)) as made:
        made.bind(str(path))


def put_empty(path):
    path.write_bytes(b"")


def put_half(path):
    path.write_bytes((path.parent / "b.mulle").read_bytes()[:5_000])


def put_more(path):
    path.write_bytes((path.parent / "b.mulle").read_bytes() + b"more" * 10_000)


def put_zeros(path):
    path.write_bytes(bytes(100_000))


def put_device(path):
    path.symlink_to("/dev/zero")


ODD = {
    put_folder: "bundle-is-folder", put_dangling: "bundle-file-missing",
    put_loop: "bundle-unreadable", put_pipe: "bundle-no-file", put_socket: "bundle-no-file",
    put_empty: "bundle-damaged", put_half: "bundle-damaged", put_more: "bundle-damaged",
    put_zeros: "bundle-damaged", put_device: "bundle-no-file",
}  # fmt: skip


@pytest.mark.skipif(os.name == "nt", reason="pipes, sockets and links of POSIX")
@pytest.mark.parametrize("put", ODD)
def test_whatever_lies_in_the_folder_the_rest_is_served(folder, challenger, put):
    repository = ModelRepository((str(folder),))
    put(folder / "a.mulle")
    shutil.copy(challenger, folder / "later.mulle")
    for _ in range(2):
        assert codes(repository.refresh()) == [("a", ODD[put])]
        assert repository.names == ["b", "later"]
    assert codes(ModelRepository((str(folder),))) == [("a", ODD[put])]  # a restart too
    (folder / "a.mulle").rmdir() if put is put_folder else (folder / "a.mulle").unlink()
    shutil.copy(challenger, folder / "a.mulle")
    assert repository.refresh().failures == [] and repository.names == ["a", "b", "later"]


@pytest.mark.skipif(os.name == "nt", reason="pipes, sockets and links of POSIX")
@pytest.mark.parametrize("put", ODD)
def test_whatever_takes_the_place_of_a_file_its_model_answers_on(folder, bundle, put):
    shutil.copy(bundle, folder / "a.mulle")
    repository = ModelRepository((str(folder),))
    (folder / "a.mulle").unlink()
    put(folder / "a.mulle")
    assert codes(repository.refresh()) == [("a", ODD[put])]
    assert repository.names == ["a", "b"] and repository.get_model().name == "a"
    assert repository.get_model("a").model.predict(ROW) is not None


@pytest.mark.parametrize("name", [b"\xff\xfe.mulle", b"line\nbreak.mulle", b"bell\x07.mulle"])
def test_names_that_no_answer_can_hold(folder, bundle, name):
    try:
        shutil.copy(bundle, os.path.join(os.fsencode(folder), name))
    except (OSError, UnicodeError):
        pytest.skip("this file system has no such names")
    repository = ModelRepository((str(folder),))
    [failure] = repository.failures
    assert failure.error.code == "bundle-name" and repository.names == ["b"]
    json.dumps(failure.describe("ko"), ensure_ascii=False).encode()
    assert "\n" not in failure.model


def test_names_are_those_that_requests_write(folder, bundle):
    name = unicodedata.normalize("NFD", "모델 é 👨‍👩‍👧")
    shutil.copy(bundle, folder / f"{name}.mulle")
    repository = ModelRepository((str(folder),))
    assert repository.get_model(unicodedata.normalize("NFC", name)).labels == ["no", "yes"]


def test_hidden_files_are_not_models(folder, bundle):
    shutil.copy(bundle, folder / ".b.mulle")
    (folder / ".mulle").mkdir()
    repository = ModelRepository((str(folder),))
    assert repository.names == ["b"] and repository.failures == []


def test_a_bundle_that_answers_wrongly_is_not_served(folder):
    golden = Path(__file__).parents[2] / "bundle" / "golden" / "regression.mulle"
    rewritten(folder / "a.mulle", golden, repeat(1, 2))
    assert codes(ModelRepository((str(folder),))) == [("a", "trial-rows")]


def test_a_folder_without_one_sound_model_is_not_served(tmp_path):
    (tmp_path / "a.mulle").write_bytes(b"garbage")
    (tmp_path / "b.mulle").mkdir()
    with pytest.raises(BundleError):
        ModelRepository((str(tmp_path),))


def test_a_folder_that_is_emptied_or_gone_serves_on(folder):
    repository = ModelRepository((str(folder),))
    (folder / "b.mulle").rename(folder / "aside")
    assert codes(repository.refresh()) == [(str(folder), "bundles-none")]
    assert repository.names == ["b"]
    folder.rename(folder.with_name("elsewhere"))
    assert repository.refresh().failures and repository.names == ["b"]


def test_a_registry_that_does_not_answer_serves_on(registry, monkeypatch):
    repository = ModelRepository(("stays",), registry)

    def fail(*_, **__):
        raise OSError("the disk is gone")

    monkeypatch.setattr(RunIndex, "versions", fail)
    assert codes(repository.refresh()) == [("stays", "models-unresolved")]
    assert repository.get_model("stays", "champion").version == "1"


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="rights of POSIX")
def test_a_file_that_may_be_read_at_last(folder, bundle):
    shutil.copy(bundle, folder / "a.mulle")
    (folder / "a.mulle").chmod(0)
    repository = ModelRepository((str(folder),))
    assert codes(repository) == [("a", "bundle-unreadable")]
    (folder / "a.mulle").chmod(0o600)
    assert repository.refresh().failures == [] and repository.names == ["a", "b"]


def test_a_file_that_cannot_be_read_for_a_while_is_tried_again(folder, challenger, monkeypatch):
    repository = ModelRepository((str(folder),))
    shutil.copy(challenger, folder / "b.mulle")

    def fail(path, sha256):
        raise BundleError("bundle-unreadable", where=path, name="b.mulle", error="no handles left")

    with monkeypatch.context() as patch:
        patch.setattr("mulle.verbs.serve.models.repository.read_hashed", fail)
        assert codes(repository.refresh()) == [("b", "bundle-unreadable")]
    changes = repository.refresh()
    assert changes.failures == [] and len(changes.swaps) == 1


def test_each_failure_and_each_swap_is_one_line(folder, challenger, caplog):
    repository, metrics = ModelRepository((str(folder),)), Metrics()
    reload_log = ReloadLog(metrics, "en")
    (folder / "a.mulle").write_bytes(b"")
    for _ in range(3):
        changes = repository.refresh()
        reload_log.note(changes.swaps, changes.failures)
    assert metrics.not_loaded._value.get() == metrics.reload_failures._value.get() == 1
    before = repository.get_model("b").version
    shutil.copy(challenger, folder / "b.mulle")
    (folder / "a.mulle").unlink()
    for _ in range(3):
        changes = repository.refresh()
        reload_log.note(changes.swaps, changes.failures)
    after = repository.get_model("b").version
    assert [record.getMessage() for record in caplog.records] == [
        "The model a cannot be loaded, and what was served of it is served on. The model file "
        "cannot be trusted: it is not a whole zip file.",
        f"The model b was replaced: version {before} answered until now, {after} answers from "
        "now on.",
    ]
    assert metrics.not_loaded._value.get() == 0


@pytest.mark.long
def test_a_server_goes_on_while_its_file_is_replaced(start, copy, bundle, challenger):
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
        for path in (challenger, None, bundle, None, challenger, bundle):
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
