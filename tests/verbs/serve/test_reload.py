"""Versions replaced under traffic, also by garbage: no request is answered worse than with 200."""

import http.client
import json
import shutil
import threading
import time

import pytest
from tests.verbs.serve.conftest import ROW
from tests.verbs.serve.test_monitor import until

from mulle.store import RunIndex

SECONDS = 6


class Traffic:
    """Threads that ask without pause over connections that stay open."""

    def __init__(self, server, threads=4):
        self.port, self.statuses, self.versions = server.port, {}, set()
        self._ended, self._lock = threading.Event(), threading.Lock()
        self._threads = [threading.Thread(target=self._ask, args=(i,)) for i in range(threads)]

    def __enter__(self):
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self._ended.set()
        for thread in self._threads:
            thread.join()

    def seen(self):
        """The versions that answer a few hundred requests from now on."""
        for wanted in (4 * len(self._threads), 300):  # those under way may be of before
            before = sum(self.statuses.values())
            with self._lock:
                self.versions.clear()
            until(lambda end=before + wanted: sum(self.statuses.values()) > end)
        return set(self.versions)

    def _ask(self, number):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        body, asked = json.dumps(ROW), 0
        many = json.dumps([ROW] * 40)  # answered in a thread
        while not self._ended.is_set():
            asked += 1
            headers = {"content-type": "application/json", "x-assignment-key": f"{number}-{asked}"}
            connection.request("POST", "/predict", many if asked % 9 == 0 else body, headers)
            answer = connection.getresponse()
            said = json.loads(answer.read())
            with self._lock:
                self.statuses[answer.status] = self.statuses.get(answer.status, 0) + 1
                self.versions.add(said.get("version"))
            self._ended.wait(0.003)  # so that the server, not these threads, has the cores
        connection.close()


def versions_of(server):
    """The versions that are routed between, as whichever process answers knows them."""
    routed = server.get("/routing").json()["models"]["m"]["versions"]
    return [version["version"] for version in routed]


@pytest.mark.long
def test_files_replaced_each_second_also_by_garbage(start, bundle, challenger, tmp_path):
    for name in ("champion", "challenger"):
        shutil.copy(bundle, tmp_path / f"{name}.mulle")
    (tmp_path / "r.toml").write_text('[m]\npolicy = "ab"\n', encoding="utf-8")
    models = [f"m@{name}={tmp_path / name}.mulle" for name in ("champion", "challenger")]
    server = start(*models, "--routing", "r.toml", cwd=tmp_path)
    whole = bundle.read_bytes()
    new = [challenger.read_bytes(), b"garbage", whole[: len(whole) // 2], b"", whole]
    with Traffic(server) as traffic:
        for turn in range(SECONDS):
            for name in ("champion", "challenger"):
                content = new[(turn + (name == "champion")) % len(new)]
                if turn % 2:  # in place, seen half-written, or as a whole
                    (tmp_path / f"{name}.mulle").write_bytes(content)
                else:
                    (tmp_path / "next").write_bytes(content)
                    (tmp_path / "next").replace(tmp_path / f"{name}.mulle")
            time.sleep(1)
        (tmp_path / "champion.mulle").unlink()
        time.sleep(1.5)
    assert set(traffic.statuses) == {200} and traffic.statuses[200] > 100
    assert len(traffic.versions) == 2
    assert server.get("/health/ready").json()["not_loaded"]
    (tmp_path / "champion.mulle").write_bytes(challenger.read_bytes())
    (tmp_path / "challenger.mulle").write_bytes(whole)
    time.sleep(2.5)
    ready = server.get("/health/ready").json()
    assert ready["not_loaded"] == []
    aliases = server.get("/models/m").json()["aliases"]
    assert len(set(aliases.values())) == 2


@pytest.mark.parametrize("workers", ["1", pytest.param("2", marks=pytest.mark.long)])
def test_an_alias_that_moves_is_followed(start, bundle, challenger, tmp_path, workers):
    index = RunIndex(tmp_path / ".mulle", folder=tmp_path / ".mulle")
    for path in (bundle, challenger):
        index.register("m", path, "", {})
    index.alias("m", "champion", 1)
    index.alias("m", "challenger", 2)
    (tmp_path / "r.toml").write_text('[m]\npolicy = "canary"\n', encoding="utf-8")
    server = start("m", "--routing", "r.toml", "--workers", workers, cwd=tmp_path)
    with Traffic(server) as traffic:
        for champion, challenger in ((2, 1), (1, 2), (2, 1), (2, 2)):
            index.alias("m", "champion", champion)
            index.alias("m", "challenger", challenger)
            expected = [str(champion), str(challenger)]
            until(lambda now=expected: versions_of(server) == now)
            until(lambda now=expected: traffic.seen() == set(now))
            assert traffic.seen() == set(expected)
    assert set(traffic.statuses) == {200}
