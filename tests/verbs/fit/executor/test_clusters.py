"""Clusters that cannot be used are refused in a sentence, before any work is begun."""

from __future__ import annotations

import importlib.util
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
from tests.verbs.fit.executor.places import Sleep

from mulle.errors import MissingExtra, RunError, UsageError
from mulle.verbs.fit import fit
from mulle.verbs.fit.cluster_address import read_address
from mulle.verbs.fit.executor.clusters import ENGINES, check_python, check_versions
from mulle.verbs.fit.executor.clusters import look_at_versions as look
from mulle.verbs.fit.executor.pool import Pool, Worker
from mulle.verbs.fit.tasks import Done, Task

RAY = read_address("ray://127.0.0.1:10001")
assert RAY is not None


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ("ray://", "cluster-address"),
        ("ray://host", "cluster-address"),
        ("ray://host:0", "cluster-address"),
        ("ray://host:99999", "cluster-address"),
        ("ray://me:secret@host:1", "cluster-address"),
        ("dask", "cluster-address"),
        ("tcp://host:8786/path", "cluster-address"),
        ("spark://host:7077", "cluster-unknown"),
        ("", "cluster-unknown"),
    ],
)
def test_what_is_no_address_is_refused(given: str, code: str) -> None:
    with pytest.raises(UsageError) as refused:
        read_address(given)
    assert refused.value.code == code


@pytest.mark.parametrize("given", ["ray://[::1]:10001", "DASK://host:8786", "tls://10.0.0.7:8786"])
def test_an_address_is_read_as_it_is_written(given: str) -> None:
    assert str(read_address(given)).lower() == given.lower()


@pytest.mark.parametrize("engine", ENGINES)
def test_a_library_that_is_absent_is_named(engine: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    address = read_address(f"{engine}://127.0.0.1:10001")
    assert address is not None
    with pytest.raises(MissingExtra) as refused:
        ENGINES[engine].connect(address, 0)
    assert f'pip install "mulle[{engine}]"' in refused.value.fix


def test_a_cluster_that_is_not_there_is_refused_at_once_and_leaves_no_run(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: object())
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]  # nobody listens there
        begin = time.monotonic()
        Path("t.csv").write_text("a,b\n1,2\n", encoding="utf-8")
        with pytest.raises(RunError) as refused:
            fit("t.csv", "b", on=f"ray://127.0.0.1:{port}")
    assert refused.value.code == "cluster-unreachable"
    assert time.monotonic() - begin < 20
    assert not Path(".mulle").exists()


def test_other_versions_are_refused_by_name() -> None:
    ours = look()()
    check_versions(RAY, {"w": ours})
    for package, named in (("lightgbm", "lightgbm"), ("sklearn", "scikit-learn")):
        with pytest.raises(RunError) as refused:
            check_versions(RAY, {"w": ours, "v": ours | {package: "0.1"}})
        assert refused.value.what.startswith(f"The worker v has {named} 0.1, and this machine")
    with pytest.raises(RunError) as refused:
        check_versions(RAY, {"v": dict.fromkeys(ours, "")})
    assert refused.value.code == "cluster-without-mulle"


def test_another_python_is_refused_and_another_patch_is_not() -> None:
    major, minor = sys.version_info[:2]
    check_python(RAY, {"w": f"{major}.{minor}.99.final.0"})
    with pytest.raises(RunError) as refused:
        check_python(RAY, {"w": f"{major}.{minor + 1}.0.final.0"})
    assert refused.value.code == "cluster-other-version"


def test_versions_are_looked_at_where_mulle_is_not_installed() -> None:
    """The function is sent as code: it names nothing of the module that it stands in."""
    assert look().__globals__["__name__"].startswith("mulle")
    assert set(look().__code__.co_names) <= {"importlib", "import_module", "str", "__version__",
                                             "ImportError"}  # fmt: skip


class Dead(Worker):
    """A worker of a cluster of which nothing is left."""

    started = False

    def submit(self, task: Task) -> None: ...

    def has_ended(self) -> bool:
        return False

    def result(self) -> Done:
        raise AssertionError

    def end(self) -> None: ...


class Lost(Pool):
    place, patience = "ray://head:10001", 0.2

    def start_worker(self) -> Worker:
        return Dead()

    def wait_for(self, works: list[Worker], seconds: float) -> None:
        time.sleep(0.05)

    def hand_over(self, folder: Path) -> None: ...


def test_where_all_workers_are_gone_the_run_ends_and_says_how_to_go_on() -> None:
    pool = Lost([Dead(), Dead()])
    pool.submit(Sleep(1.0))
    with pytest.raises(RunError) as lost:
        for _ in range(100):
            pool.wait(0.1)
    assert (lost.value.code, lost.value.where) == ("cluster-lost", "ray://head:10001")
    assert "--resume RUN --on here" in lost.value.fix


def test_a_task_whose_worker_does_not_start_comes_back_lost() -> None:
    alive = Dead()
    alive.started = True  # type: ignore[misc]
    pool = Lost([Dead(), alive])
    pool.submit(Sleep(1.0))
    pool.submit(Sleep(2.0))
    time.sleep(0.3)
    [done] = pool.wait(0.0)
    assert (done.task.taken, done.status) == (2.0, "lost")  # type: ignore[attr-defined]
    assert pool.workers == 1


def test_importing_mulle_and_fitting_here_import_no_cluster() -> None:
    code = (
        "import sys, mulle.verbs.fit.fit, mulle.cli.fit; "
        "print({'ray', 'distributed', 'dask'} & {*sys.modules})"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, encoding="utf-8")
    assert done.stdout.strip() == "set()", done.stderr
