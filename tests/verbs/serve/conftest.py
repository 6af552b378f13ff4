"""A small bundle, and servers of it: real processes on free ports."""

import contextlib
import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import polars as pl
import pytest
import tomli_w

import mulle

ROW = {"나이": 31.0, "city": "서울", "joined": "2024-03-01", "income": 420.5}


def rows(count=300, seed=0):
    """A table with numbers, text, a date, missing values and a Korean name."""
    rng = np.random.default_rng(seed)
    age = rng.integers(18, 80, count).astype(float)
    city = rng.choice(["서울", "부산", "Daegu"], count)
    income = rng.normal(400, 80, count)
    joined = [date(2023, 1, 1) + timedelta(days=int(d)) for d in rng.integers(0, 700, count)]
    stays = age / 40 + (city == "서울") + rng.normal(0, 0.4, count) > 1.6
    age[rng.random(count) < 0.1] = np.nan
    return pl.DataFrame({
        "나이": pl.Series(age).fill_nan(None), "city": city, "joined": joined, "income": income,
        "stays": np.where(stays, "yes", "no"),
    })  # fmt: skip


def fitted(share, folder, table, target, trials):
    """The path of a small bundle, fitted by the first worker that wants it."""

    def make(folder):
        table.write_csv(folder / f"{target}.csv")
        with contextlib.chdir(folder):
            how = {"trials": trials, "preset": "quick", "seed": 0, "output": "."}
            mulle.fit(f"{target}.csv", target=target, **how)

    return share(f"serve-{folder}", make) / f"{target}.mulle"


@pytest.fixture(scope="session")
def bundle(share):
    """A small classifier; the path of its file."""
    return fitted(share, "bundle", rows(), "stays", 2)


@pytest.fixture(scope="session")
def challenger(share):
    """Another version of `bundle`, fitted on other rows; the path of its file."""
    return fitted(share, "challenger", rows(seed=7), "stays", 1)


@pytest.fixture(scope="session")
def regression(share):
    """A small regression; the path of its file."""
    return fitted(share, "regression", rows().drop("stays"), "income", 1)


def write_config(path, server=None, **tables):
    """Write a configuration file of `mulle serve`; the arguments that make a server read it.

    `server` holds the settings of no table, each other keyword those of a table of that name.
    """
    values = {
        name: {k: str(v) if isinstance(v, Path) else v for k, v in table.items()}
        for name, table in {"": server or {}, **tables}.items()
    }
    content = values.pop("") | values
    path.write_text(tomli_w.dumps(content), encoding="utf-8")
    return "--config", path


class Server:
    """A server process, and a client of it; keywords are the settings of `write_config`."""

    program: tuple[str, ...] = ("-m", "mulle")
    timeout = 60  # seconds in which each answer must come
    _folder = None

    def __init__(self, *arguments, cwd=None, **settings):
        if settings:
            self._folder = tempfile.TemporaryDirectory()
            arguments += write_config(Path(self._folder.name) / "serve.toml", **settings)
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        command = [sys.executable, *self.program, "serve", *map(str, arguments)]
        self.process = subprocess.Popen(
            [*command, "--port", str(self.port)], cwd=cwd, text=True, encoding="utf-8",
            stdout=self._output(), stderr=subprocess.STDOUT, env={**os.environ, "PYTHONUTF8": "1"},
        )  # fmt: skip
        self.url = f"http://127.0.0.1:{self.port}"
        self._wait()

    def _output(self):
        """Where the process writes to."""
        return subprocess.PIPE

    def printed(self):
        """All that the process wrote, once it has ended."""
        return self.process.stdout.read()

    def _wait(self):
        end = time.monotonic() + 60
        while time.monotonic() < end:
            if self.process.poll() is not None:
                raise AssertionError(f"the server ended: {self.printed()}")
            with contextlib.suppress(OSError):
                if self.ask("GET", "/health/ready").status == 200:
                    return
            time.sleep(0.05)
        raise AssertionError("the server did not start within 60 s")

    def ask(self, method, path, body=None, **headers):
        """One request; the answer with `.status`, `.body` (bytes), `.json()` and `.headers`."""
        if body is not None and not isinstance(body, bytes):
            body = json.dumps(body).encode()
            headers.setdefault("content_type", "application/json")
        named = {key.replace("_", "-"): value for key, value in headers.items()}
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=self.timeout)
        try:
            # Refused before all was sent: the answer lies there already.
            with contextlib.suppress(BrokenPipeError, ConnectionResetError):
                connection.request(method, path, body, named)
            answer = connection.getresponse()
            answer.body = answer.read()
            answer.json = lambda: json.loads(answer.body)
            return answer
        finally:
            connection.close()

    def post(self, path, body, **headers):
        """One POST; a body that is not bytes is sent as JSON."""
        return self.ask("POST", path, body, **headers)

    def get(self, path, **headers):
        """One GET."""
        return self.ask("GET", path, **headers)

    def stop(self, how=signal.SIGTERM):
        """End it; what it printed."""
        if self.process.poll() is None:
            self.process.send_signal(how)
        try:
            return self.process.communicate(timeout=20)[0]
        finally:
            self.process.kill()
            if self._folder:
                self._folder.cleanup()


@pytest.fixture
def start(tmp_path):
    """Starts servers with the arguments of `mulle serve`, and ends them after the test."""
    with contextlib.ExitStack() as stack:

        def started(*arguments, cwd=None, **settings):
            server = Server(*arguments, cwd=cwd or tmp_path, **settings)
            stack.callback(server.stop)
            return server

        yield started


@pytest.fixture(scope="module")
def server(bundle, tmp_path_factory):
    """A server that the tests of one file share."""
    shared = Server(Path(bundle), cwd=tmp_path_factory.mktemp("server"))
    yield shared
    shared.stop()
