"""The access log: one line a request, on stderr, with its key, model, status and time.

No content of a row is in it unless the operator asks for that. The line is made where the request
ends and written by a thread in batches; where stderr blocks, lines are dropped and counted, so a
reader that is slow or gone never holds up an answer.

catalogue  srv-logs
"""

from __future__ import annotations

import asyncio
import itertools
import logging
import os
import re
import secrets
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal

import msgspec

from mulle.verbs.serve.http import Request, Response, Route, Stream
from mulle.verbs.serve.redaction import LOGGERS

Form = Literal["json", "text", "none"]
_STDERR = 2
MAX_WAITING = 10_000  # lines that wait for stderr
_PAUSE = 0.1  # seconds between writes
_PART = 1 << 16  # bytes of one write
_SANE = re.compile(r"[\w.:/+=-]{1,128}", re.ASCII)
_TRACE = re.compile(r"[0-9a-f]{2}-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}")
_encode = msgspec.json.Encoder().encode


class Line(msgspec.Struct, omit_defaults=True):
    """A line of the log; `path` is that of the route, with its `{names}`, not the caller's."""

    time: str
    level: str
    message: str
    id: str = ""
    method: str = ""
    path: str = ""
    status: int = 0
    ms: float = 0.0
    model: str = ""
    version: str = ""
    key: str = ""
    client: str = ""
    trace: str = ""
    rows: Any = None


class AccessLog:
    """The lines of one process and the thread that writes them.

    Args:
        form: `json`, `text`, or `none` for warnings and faults only.
        file: descriptor of the file to write to.
    """

    def __init__(self, form: Form, file: int = _STDERR) -> None:
        self.form, self._file = form, file
        self._waiting: deque[bytes] = deque()
        self._dropped = 0
        self._ids, self._process = itertools.count(1), secrets.token_hex(6)
        self._now, self._moment = 0, ""
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._keep_writing_lines, name="logs", daemon=True)

    async def keep_writing(self) -> None:
        """Write for as long as the server runs; at its end, write what is left."""
        self._start()
        try:
            await asyncio.Event().wait()
        finally:
            self._stop.set()
            self._thread.join(1.0)

    def _start(self) -> None:
        """Start the thread, and let the warnings and faults of all rooms go to the same file."""
        self._thread.start()
        if self.form == "json":
            handler = _Handler(self)
            for name in LOGGERS:
                logger = logging.getLogger(name)
                logger.handlers, logger.propagate = [handler], False

    def begin(self, request: Request) -> None:
        """Give a request an id, which its answer carries: the caller's if sane, or a new one."""
        id = request.header(b"x-request-id")
        if not (id and _SANE.fullmatch(id)):
            if self.form == "none":
                return
            id = f"{self._process}-{next(self._ids):x}"
        request.state["id"] = id
        request.state["headers"] = ((b"x-request-id", id.encode()),)

    def record(
        self, request: Request, route: Route, answer: Response | Stream, seconds: float
    ) -> None:
        """Queue the line of a request that was answered.

        Args:
            request: the request.
            route: its route.
            answer: its answer.
            seconds: time from the headers to the last byte.
        """
        if self.form == "none":
            return
        state, status = request.state, answer.status
        loaded, key = state.get("loaded"), state.get("key")
        line = Line(
            self.moment(), _level(status), "answered", state.get("id", ""),
            request.method, route.path, status, int(seconds * 1e6) / 1e3,
            loaded.name if loaded else "", loaded.version if loaded else "",
            key.name if key else "", request.client, _trace(request), state.get("rows"),
        )  # fmt: skip
        self.queue(line)

    def queue(self, line: Line) -> None:
        """Queue a line for the thread; dropped where too many wait."""
        if len(self._waiting) >= MAX_WAITING:
            self._dropped += 1
            return
        self._waiting.append(_encode(line) + b"\n" if self.form == "json" else _to_text(line))

    def moment(self) -> str:
        """Return the time in UTC, to the millisecond."""
        now = int(time.time() * 1e3)
        if now != self._now:
            second, rest = divmod(now, 1_000)
            self._moment = time.strftime(f"%Y-%m-%dT%H:%M:%S.{rest:03d}Z", time.gmtime(second))
            self._now = now
        return self._moment

    def _keep_writing_lines(self) -> None:
        while not self._stop.wait(_PAUSE):
            self._write()
        self._write()

    def _write(self) -> None:
        while self._waiting:
            part: list[bytes] = []
            size = 0
            while self._waiting and size < _PART:
                part.append(self._waiting.popleft())
                size += len(part[-1])
            if self._dropped:
                dropped, self._dropped = self._dropped, 0
                line = Line(self.moment(), "warning", f"{dropped} lines of the log were dropped")
                part.append(_encode(line) + b"\n" if self.form == "json" else _to_text(line))
            data = memoryview(b"".join(part))
            try:
                while data:
                    data = data[os.write(self._file, data) :]
            except OSError:  # nobody reads any more
                self._waiting.clear()


class RowLog:
    """The content of rows in the access log, where the operator asks for it.

    Args:
        redact: returns a row as it may be written.
        limit: number of rows of a request that are logged.
    """

    def __init__(
        self, redact: Callable[[Mapping[str, Any]], dict[str, Any]], limit: int = 20
    ) -> None:
        self._redact, self._limit = redact, limit

    def __call__(
        self, request: Request, loaded: Any, rows: Sequence[Any], answers: Sequence[Any]
    ) -> None:
        """Note the first rows of a request and their answers; a listener of `Service`."""
        logged = [
            {
                "row": self._redact(row),
                "answer": answer.label if loaded.labels else answer.scores[0],
            }
            for row, answer in itertools.islice(zip(rows, answers, strict=False), self._limit)
            if isinstance(row, Mapping)
        ]
        request.state["rows"] = logged


class _Handler(logging.Handler):
    def __init__(self, log: AccessLog) -> None:
        super().__init__(logging.WARNING)
        self._log = log
        self.setFormatter(logging.Formatter("%(message)s"))

    def emit(self, record: logging.LogRecord) -> None:
        text = self.format(record)
        self._log.queue(Line(self._log.moment(), record.levelname.lower(), text))


def _level(status: int) -> str:
    return "error" if status >= 500 else "warning" if status >= 400 else "info"


def _to_text(line: Line) -> bytes:
    words = [line.time, line.level.upper()]
    if line.message != "answered":
        return " ".join([*words, line.message, "\n"]).encode()
    words += [line.method, line.path, str(line.status), f"{line.ms} ms"]
    words += [f"{line.model}@{line.version}"] if line.model else []
    words += [f"key={line.key}"] if line.key else []
    words += [f"client={line.client}"] if line.client else []
    words += [f"id={line.id}"] if line.id else []
    words += [f"rows={_encode(line.rows).decode()}"] if line.rows else []
    return (" ".join(words) + "\n").encode()


def _trace(request: Request) -> str:
    """Return the id of the trace in a `traceparent` header (W3C Trace Context)."""
    given = request.header(b"traceparent")
    found = _TRACE.fullmatch(given) if given else None
    return found[1] if found else ""
