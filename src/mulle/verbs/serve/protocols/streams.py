"""Streams: rows are read as they come and answered at once, in memory that does not grow.

    POST /stream                                     NDJSON in, one row a line; NDJSON out
    POST /models/{model}/stream                      by name
    POST /models/{model}/versions/{version}/stream   by version or alias

With `Accept: text/event-stream` answers are server-sent events, with a comment now and then while
there is nothing to say. Each answer has the number of its row. A row that cannot be answered has
an `error` in its place, and the next is answered. A stream may be of any length: the limit is on
one line. The next part is read once the answers to the last are written, so the server sends no
faster than the client reads; a client that sends everything before it reads waits for ever.

catalogue  srv-realtime api-sync

source  WHATWG HTML, section 9.2 Server-sent events
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from typing import Any
from urllib.parse import quote

import msgspec

from mulle.errors import PredictionError
from mulle.verbs.serve.http import HTTPError, Problem, Request, Route, Stream, to_problem
from mulle.verbs.serve.http.limits import MAX_ROW_BYTES, SMALL_BODY
from mulle.verbs.serve.http.operation import EVENTS, NDJSON, Operation
from mulle.verbs.serve.http.strict_json import decode_json, keeps_all_keys
from mulle.verbs.serve.models import Answer, LoadedModel
from mulle.verbs.serve.protocols.rest import to_json
from mulle.verbs.serve.service import Service

MAX_BATCH = 1_000  # that are answered at once
HEARTBEAT_SECONDS = 15.0  # seconds of silence
MEDIA_TYPES = {
    "", "application/x-ndjson", "application/ndjson", "application/jsonl", "application/json-lines",
    "application/x-jsonlines", "application/json", "application/x-www-form-urlencoded",
}  # fmt: skip
EVENT_STREAM = b"text/event-stream"
_json = msgspec.json.Encoder()
_lines = msgspec.json.Decoder(dict[str, Any])
_OF_A_ROW = (PredictionError, HTTPError)
log = logging.getLogger("mulle.serve")

Lines = list[bytes | None]  # None: one that was too long
Record = dict[str, Any]


def routes(service: Service) -> Iterator[Route]:
    """Yield the resources above."""

    async def stream(request: Request) -> Stream:
        if request.media_type not in MEDIA_TYPES:
            raise HTTPError(415, "stream-media", received=request.media_type[:100])
        params = request.params
        loaded = service.model(request, params.get("model", ""), params.get("version", ""))
        answers = _Answers(service, request, loaded)
        headers = (
            (b"cache-control", b"no-store"),
            (b"x-accel-buffering", b"no"),  # proxies shall pass on what they get
            (b"x-model", quote(loaded.name).encode()),
            (b"x-model-version", quote(loaded.version).encode()),
        )
        if EVENT_STREAM.decode() in request.header(b"accept"):
            return Stream(answers.write(_event, b": \n\n"), 200, EVENT_STREAM, headers)
        return Stream(answers.write(_json.encode_lines, b""), headers=headers)

    for path, name in (
        ("/stream", "stream-first"),
        ("/models/{model}/stream", "stream"),
        ("/models/{model}/versions/{version}/stream", "stream-version"),
    ):
        answer = {NDJSON: "lines", EVENTS: "text"}
        described = Operation(name, "streams", {NDJSON: "lines"}, answer)
        yield Route("POST", path, stream, "predict", operation=described)


class _Answers:
    """The answers of one stream."""

    def __init__(self, service: Service, request: Request, loaded: LoadedModel) -> None:
        self._service, self._request, self._loaded = service, request, loaded
        self._columns = loaded.names
        self._row = 0  # rows answered
        self._most = min(MAX_BATCH, service.limits.rows)

    async def write(
        self, write: Callable[[list[Record]], bytes], heartbeat: bytes
    ) -> AsyncIterator[bytes]:
        """Yield records as they are sent, and `heartbeat`, if there is one, during silence."""
        try:
            async for lines in _read(self._request, HEARTBEAT_SECONDS if heartbeat else None):
                if not lines:
                    yield heartbeat
                for begin in range(0, len(lines), self._most):
                    batch = self._records(lines[begin : begin + self._most])
                    yield write(await self._service.work.run(self._request, batch))
        except Exception as error:
            if isinstance(error, HTTPError) and error.code == "client-gone":
                return
            problem = self._problem(error)
            if problem.status == 500:
                log.exception("a stream failed")
            yield write([{"error": _describe(problem)}])

    async def _records(self, lines: Lines) -> list[Record]:
        """Return one record for each line, in their order."""
        rows = _rows(lines)
        first, self._row = self._row + 1, self._row + len(rows)
        good = [row for row in rows if not isinstance(row, HTTPError)]
        answers = iter(await self._answer(good))
        return [
            self._record(number, row if isinstance(row, HTTPError) else next(answers))
            for number, row in enumerate(rows, first)
        ]

    async def _answer(self, rows: list[Mapping[str, Any]]) -> list[Answer | Exception]:
        """Answer all rows at once, or each by itself if one cannot be read or lacks a column.

        The answer to a row must not depend on the rows that happen to come with it.
        """
        if not rows:
            return []
        service, request, loaded = self._service, self._request, self._loaded
        try:
            if len(rows) > 1 and all(row.keys() >= self._columns for row in rows):
                return list(loaded.to_answers(*await service.predict_rows(request, loaded, rows)))
        except _OF_A_ROW:
            pass  # whose fault it is, each row says for itself
        one = (service.predict_row(request, loaded, row) for row in rows)
        answers = await asyncio.gather(*one, return_exceptions=True)
        for answer in answers:
            if isinstance(answer, BaseException) and not isinstance(answer, _OF_A_ROW):
                raise answer
        return answers  # type: ignore[return-value]

    def _record(self, number: int, answer: Answer | Exception) -> Record:
        if isinstance(answer, Exception):
            if isinstance(answer, PredictionError) and "row" in answer.values:
                answer.values = {**answer.values, "row": number}
            return {"row": number, "error": _describe(self._problem(answer, number))}
        return {"row": number, **to_json(self._loaded, answer)}

    def _problem(self, error: Exception, row: int = 0) -> Problem:
        if row and isinstance(error, HTTPError) and "row" in error.values:
            error.values["row"] = row
        return to_problem(error, self._request.lang)


async def _read(request: Request, patience: float | None) -> AsyncIterator[Lines]:
    """Yield the lines of a body, part by part; [] after `patience` seconds of silence."""
    parts, cut = request.parts(), _Cutter()
    part: asyncio.Future[bytes] = asyncio.ensure_future(anext(parts, b""))
    try:
        while True:
            done, _ = await asyncio.wait({part}, timeout=patience)
            if not done:
                yield []
                continue
            if not (data := part.result()):
                break
            if lines := cut(data):
                yield lines
            part = asyncio.ensure_future(anext(parts, b""))
    finally:
        part.cancel()
    if lines := cut(b"\n"):
        yield lines


class _Cutter:
    """Cuts data into lines; a line that is too long is dropped."""

    def __init__(self) -> None:
        self._rest, self._skipping = bytearray(), False

    def __call__(self, data: bytes) -> Lines:
        """Return the lines that end in `data`, without blank ones."""
        lines: Lines = []
        if b"\n" in data:
            whole = (self._rest + data).split(b"\n")
            if self._skipping:
                whole[0] = bytearray()
            self._rest, self._skipping = whole.pop(), False
            lines += (bytes(x) if len(x) <= MAX_ROW_BYTES else None for x in whole if x.strip())
        else:
            self._rest += data
        if len(self._rest) > MAX_ROW_BYTES:
            if not self._skipping:
                lines.append(None)
            self._rest, self._skipping = bytearray(), True
        return lines


def _rows(lines: Lines) -> list[Mapping[str, Any] | HTTPError]:
    """Decode each line as a row, or return its error."""
    if None not in lines and max(map(len, lines)) <= SMALL_BODY:  # type: ignore[arg-type]
        body = b"\n".join(lines)  # type: ignore[arg-type]
        try:
            found: list[Any] = _lines.decode_lines(body)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            found = []  # one line is no record; which one is found below
        is_flat = body.count(b"{") == len(found) == len(lines) and b"[" not in body
        if is_flat and keeps_all_keys(body, found):
            return found
    return [_row(line) for line in lines]


def _row(line: bytes | None) -> Mapping[str, Any] | HTTPError:
    if line is None:
        return HTTPError(413, "line-large", row=0, limit=MAX_ROW_BYTES)
    try:
        row = decode_json(line)
    except HTTPError as refused:
        return refused
    if isinstance(row, dict):
        return row
    return HTTPError(422, "row-not-record", row=0, received=type(row).__name__)


def _describe(problem: Problem) -> Record:
    described = {"code": problem.code, "message": problem.message, "fix": problem.fix}
    return {**described, **problem.values}


def _event(records: list[Record]) -> bytes:
    return b"".join(
        b"id: %d\ndata: %b\n\n" % (r["row"], _json.encode(r))
        if "row" in r
        else b"data: %b\n\n" % _json.encode(r)
        for r in records
    )
