"""Jobs: work that takes longer than a request may, handed in now and asked for later.

    POST   /jobs              a file as the body, or JSON with `path` or `rows`; 202 and a job
    GET    /jobs              all, the newest first: ?limit=20&before=ID
    GET    /jobs/{id}         how it stands
    GET    /jobs/{id}/result  the answers, once it is done
    DELETE /jobs/{id}         cancel it, or forget one that has ended

catalogue  srv-async srv-batch
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator, Mapping
from pathlib import Path

from mulle.verbs.serve.http import HTTPError, Request, Response, Route, Stream, json_response
from mulle.verbs.serve.http.operation import CSV, JSON, NDJSON, PARQUET, Operation
from mulle.verbs.serve.jobs import Job, Status
from mulle.verbs.serve.jobs.intake import Intake, owner_of
from mulle.verbs.serve.jobs.order import order_of
from mulle.verbs.serve.jobs.said import full
from mulle.verbs.serve.protocols.rows import decode_json
from mulle.verbs.serve.service import Service

_JSON = {"application/json", "text/json"}
_PIECE = 256 << 10  # bytes of a result that are sent at once
_MOST = 200  # jobs on a page
_MEDIA = {
    "csv": b"text/csv; charset=utf-8",
    "json": b"application/x-ndjson",
    "parquet": b"application/vnd.apache.parquet",
}


def routes(service: Service) -> Iterator[Route]:
    """The resources above."""
    jobs = _Jobs(service)
    job, order = {JSON: "job"}, {JSON: "job-request", CSV: "text"}
    submit = Operation("job-submit", "jobs", order, job, status="202")
    yield Route("POST", "/jobs", jobs.accept, "predict", operation=submit)
    page = Operation("jobs", "jobs", answer={JSON: "jobs"}, query=("limit", "before"))
    yield Route("GET", "/jobs", jobs.page, "predict", operation=page)
    one = Operation("job", "jobs", answer=job)
    yield Route("GET", "/jobs/{id}", jobs.one, "predict", operation=one)
    forms = {CSV: "text", NDJSON: "lines", PARQUET: "bytes"}
    result = Operation("job-result", "jobs", answer=forms)
    yield Route("GET", "/jobs/{id}/result", jobs.result, "predict", operation=result)
    remove = Operation("job-remove", "jobs", status="2XX")
    yield Route("DELETE", "/jobs/{id}", jobs.remove, "predict", operation=remove)


class _Jobs:
    """The handlers; whatever asks the book does so in a thread."""

    def __init__(self, service: Service) -> None:
        self._service, self._desk = service, service.jobs

    async def accept(self, request: Request) -> Response:
        body = await request.body() if request.media_type in _JSON else None
        order = order_of(request.query if body is None else _object(body))
        if body is not None and bool(order.path) == (order.rows is not None):
            raise HTTPError(422, "job-order", reason="path / rows")
        loaded = self._service.model(request, order.model, order.version)
        job = await Intake(self._desk, request, order, loaded).accept(body)
        headers = ((b"location", f"/jobs/{job.id}".encode()),)
        return json_response(self._said(request, job), 202, headers)

    async def page(self, request: Request) -> Response:
        limit = _limit(request.query.get("limit", "20"))
        before = request.query.get("before", "")
        found: list[Job] = []
        if self._desk.exists():
            book = await asyncio.to_thread(self._desk.book)
            found = await asyncio.to_thread(book.page, limit, before, owner_of(request))
        following = f"/jobs?limit={limit}&before={found[-1].id}" if len(found) == limit else None
        said = [self._said(request, job) for job in found]
        return json_response({"jobs": said, "next": following})

    async def one(self, request: Request) -> Response:
        job = await asyncio.to_thread(self._find, request)
        waits = ((b"retry-after", b"1"),) if job.ended is None else ()
        return json_response(self._said(request, job), 200, waits)

    async def result(self, request: Request) -> Stream:
        job = await asyncio.to_thread(self._find, request)
        if job.status is not Status.done:
            raise HTTPError(409, "job-not-done", state=job.status.value)
        return await asyncio.to_thread(_answers, self._desk.files.result(job), job)

    async def remove(self, request: Request) -> Response:
        job = await asyncio.to_thread(self._find, request)
        job, cancelled = await asyncio.to_thread(self._desk.remove, job)
        return json_response(self._said(request, job)) if cancelled else Response(b"", 204)

    def _find(self, request: Request) -> Job:
        name, owner = request.params["id"], owner_of(request)
        job = self._desk.book().get(name) if self._desk.exists() else None
        if job is None or owner not in {None, job.owner}:
            raise HTTPError(404, "job-unknown", id=name[:100])
        return job

    def _said(self, request: Request, job: Job) -> dict[str, object]:
        return full(job, request.lang)


def _object(body: bytes) -> Mapping[str, object]:
    value = decode_json(body)
    if not isinstance(value, Mapping):
        raise HTTPError(422, "job-order", reason=type(value).__name__)
    return value


def _limit(text: str) -> int:
    if not (text.isdigit() and text.isascii() and 0 < int(text[:6]) <= _MOST):
        raise HTTPError(422, "job-order", reason=f"limit={text[:20]}, 1-{_MOST}")
    return int(text)


def _answers(path: Path, job: Job) -> Stream:
    try:
        size = path.stat().st_size
    except OSError:
        raise HTTPError(404, "job-unknown", id=job.id) from None
    name = f'attachment; filename="{job.id}{path.suffix}"'.replace(".json", ".ndjson")
    headers = (
        (b"content-length", b"%d" % size),
        (b"content-disposition", name.encode()),
    )
    return Stream(_pieces(path), 200, _MEDIA[job.form], headers)


async def _pieces(path: Path) -> AsyncIterator[bytes]:
    with await asyncio.to_thread(path.open, "rb") as file:
        while piece := await asyncio.to_thread(file.read, _PIECE):
            yield piece
