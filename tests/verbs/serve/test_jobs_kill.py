"""A kill at any moment loses no accepted job, and doubles or loses no row.

MULLE_KILLS sets how often; a few times by default.
"""

import contextlib
import http.client
import json
import os
import random
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
from tests.verbs.serve.conftest import rows

from mulle.cli import main

pytestmark = [
    pytest.mark.long,
    pytest.mark.skipif(sys.platform != "linux", reason="kills by process group"),
]

KILLS = int(os.environ.get("MULLE_KILLS", "5"))
COUNT = 120_000  # rows, in twelve chunks
SERVE = """
import sys
from pathlib import Path
from mulle.verbs.serve import Settings, run
if __name__ == "__main__":
    model, state, port = sys.argv[1:]
    run(Settings(models=(model,), port=int(port), workers=2, state_dir=Path(state), jobs_lease=1.5))
"""


class Killed:
    """A server of two processes that can be killed in part or as a whole, and started again."""

    def __init__(self, bundle, folder):
        self.bundle, self.folder = bundle, folder
        (folder / "serve.py").write_text(SERVE, encoding="utf-8")
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.start()

    def start(self):
        command = [sys.executable, "serve.py", str(self.bundle), "state", str(self.port)]
        self.process = subprocess.Popen(
            command, cwd=self.folder, start_new_session=True,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip

    def workers(self):
        """The process ids of those that answer."""
        found = []
        for path in Path("/proc").glob("[0-9]*/stat"):
            with contextlib.suppress(OSError):
                parent = int(path.read_text(encoding="utf-8").rpartition(")")[2].split()[1])
                command = (path.parent / "cmdline").read_bytes()
                if parent == self.process.pid and b"spawn_main" in command:
                    found.append(int(path.parent.name))
        return found

    def kill_one(self, chance):
        if workers := self.workers():
            os.kill(chance.choice(workers), signal.SIGKILL)

    def kill_all(self):
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def ask(self, method, path, body=None, **headers):
        """One request, tried again until it is answered."""
        end = time.monotonic() + 60
        while time.monotonic() < end:
            connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
            try:
                connection.request(method, path, body, headers)
                answer = connection.getresponse()
                return answer.status, answer.read()
            except (OSError, http.client.HTTPException):
                time.sleep(0.05)
            finally:
                connection.close()
        raise AssertionError("no answer within a minute")

    def hand_in(self, body, key=None):
        """Hand a job in once; its id, or None if nobody said that it was accepted."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        headers = {"content-type": "text/csv"} | ({"idempotency-key": key} if key else {})
        try:
            connection.request("POST", "/jobs", body, headers)
            answer = connection.getresponse()
            said = json.loads(answer.read())
            assert answer.status == 202, said
            return said["id"]
        except (OSError, http.client.HTTPException):
            return None
        finally:
            connection.close()


@pytest.fixture
def killed(bundle, tmp_path):
    server = Killed(bundle, tmp_path)
    yield server
    with contextlib.suppress(ProcessLookupError):
        os.killpg(server.process.pid, signal.SIGKILL)
    server.process.wait()


@pytest.fixture(scope="module")
def given(bundle, tmp_path_factory):
    """A file, and the answers to it."""
    folder = tmp_path_factory.mktemp("given")
    rows(COUNT, seed=6).drop("stays").write_csv(folder / "rows.csv")
    out = folder / "out.csv"
    assert main(["predict", str(bundle), str(folder / "rows.csv"), "-o", str(out), "--quiet"]) == 0
    return (folder / "rows.csv").read_bytes(), out.read_bytes()


def check(server, accepted, expected):
    """Every job that was accepted ends with all rows, once each and in order."""
    assert accepted
    end = time.monotonic() + 120
    for name in accepted:
        while True:
            status, body = server.ask("GET", f"/jobs/{name}")
            assert status == 200, (name, body)
            said = json.loads(body)
            if said["ended"]:
                break
            assert time.monotonic() < end, said
            time.sleep(0.1)
        assert said["status"] == "done", said
        assert said["rows"]["done"] == COUNT
        status, body = server.ask("GET", f"/jobs/{name}/result")
        assert status == 200
        assert body == expected


def test_a_worker_is_killed(killed, given):
    body, expected = given
    chance = random.Random(0)
    killed.ask("GET", "/health/ready")
    accepted = []
    for _ in range(KILLS):
        accepted += filter(None, [killed.hand_in(body)])
        time.sleep(chance.uniform(0, 1.2))
        killed.kill_one(chance)
    check(killed, accepted, expected)


def test_all_processes_are_killed(killed, given):
    body, expected = given
    chance = random.Random(1)
    accepted = []
    for _ in range(KILLS):
        killed.ask("GET", "/health/ready")
        accepted += filter(None, [killed.hand_in(body)])
        time.sleep(chance.uniform(0, 1.5))
        killed.kill_all()
        killed.start()
    check(killed, accepted, expected)


def test_a_kill_while_a_file_is_sent(killed, given):
    """Who heard nothing sends it again under the same key, and there is one job."""
    body, expected = given
    chance = random.Random(2)
    for number in range(2):
        killed.ask("GET", "/health/ready")
        connection = http.client.HTTPConnection("127.0.0.1", killed.port, timeout=20)
        headers = {"content-type": "text/csv", "idempotency-key": f"k{number}"}
        with contextlib.suppress(OSError, http.client.HTTPException):
            connection.putrequest("POST", "/jobs")
            for name, value in (headers | {"content-length": str(len(body))}).items():
                connection.putheader(name, value)
            connection.endheaders(body[: chance.randrange(len(body))])
            killed.kill_all()
        connection.close()
        killed.start()
        killed.ask("GET", "/health/ready")
        accepted = [killed.hand_in(body, f"k{number}"), killed.hand_in(body, f"k{number}")]
        assert accepted[0] == accepted[1]
        check(killed, accepted[:1], expected)
    assert len(json.loads(killed.ask("GET", "/jobs")[1])["jobs"]) == 2
