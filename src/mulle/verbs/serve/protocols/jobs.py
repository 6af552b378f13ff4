"""Jobs: work that takes longer than a request may, submitted now and fetched later.

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
from mulle.verbs.serve.http.limits import off_loop
from mulle.verbs.serve.http.operation import CSV, JSON, NDJSON, PARQUET, Operation
from mulle.verbs.serve.http.strict_json import decode_json
from mulle.verbs.serve.jobs import Job, Status
from mulle.verbs.serve.jobs.submit import owner_of, read_request, submit
from mulle.verbs.serve.jobs.views import describe
from mulle.verbs.serve.service import Service

_JSON = {"application/json", "text/json"}
_SEND_SIZE = 256 << 10  # bytes of a result that are sent at once
MAX_JOBS_PER_PAGE = 200
_MEDIA = {
    "csv": b"text/csv; charset=utf-8",
    "json": b"application/x-ndjson",
    "parquet": b"application/vnd.apache.parquet",
}


def routes(service: Service) -> Iterator[Route]:
    """Yield the resources above."""
    jobs = _Jobs(service)
    job, order = {JSON: "job"}, {JSON: "job-request", CSV: "text"}
    submit = Operation("job-submit", "jobs", order, job, status="202")
    yield Route("POST", "/jobs", jobs.accept, "predict", operation=submit, admin_too=True)
    page = Operation("jobs", "jobs", answer={JSON: "jobs"}, query=("limit", "before"))
    yield Route("GET", "/jobs", jobs.page, "predict", operation=page, admin_too=True)
    one = Operation("job", "jobs", answer=job)
    yield Route("GET", "/jobs/{id}", jobs.one, "predict", operation=one, admin_too=True)
    forms = {CSV: "text", NDJSON: "lines", PARQUET: "bytes"}
    result = Operation("job-result", "jobs", answer=forms)
    yield Route(
        "GET", "/jobs/{id}/result", jobs.result, "predict", operation=result, admin_too=True
    )
    remove = Operation("job-remove", "jobs", status="2XX")
    yield Route("DELETE", "/jobs/{id}", jobs.remove, "predict", operation=remove, admin_too=True)


class _Jobs:
    """The handlers; each asks the database in a thread."""

    def __init__(self, service: Service) -> None:
        self._service, self._jobs = service, service.jobs

    async def accept(self, request: Request) -> Response:
        body = await request.body() if request.media_type in _JSON else None
        given = request.query if body is None else await off_loop(len(body), _object, body)
        asked = read_request(given, as_json=body is not None)
        loaded = self._service.model(request, asked.model, asked.version)
        job = await submit(self._jobs, request, asked, loaded, body)
        headers = ((b"location", f"{self._service.settings.root_path}/jobs/{job.id}".encode()),)
        return json_response(self._describe(request, job), 202, headers)

    async def page(self, request: Request) -> Response:
        limit = _limit(request.query.get("limit", "20"))
        before = request.query.get("before", "")
        found: list[Job] = []
        if self._jobs.exists():
            store = await asyncio.to_thread(self._jobs.connect)
            found = await asyncio.to_thread(store.page, limit, before, owner_of(request))
        following = f"/jobs?limit={limit}&before={found[-1].id}" if len(found) == limit else None
        described = [self._describe(request, job) for job in found]
        return json_response({"jobs": described, "next": following})

    async def one(self, request: Request) -> Response:
        job = await asyncio.to_thread(self._find, request)
        waits = ((b"retry-after", b"1"),) if job.ended is None else ()
        return json_response(self._describe(request, job), 200, waits)

    async def result(self, request: Request) -> Stream:
        job = await asyncio.to_thread(self._find, request)
        if job.status is not Status.done:
            raise HTTPError(409, "job-not-done", state=job.status.value)
        return await asyncio.to_thread(_answers, self._jobs.files.result(job), job)

    async def remove(self, request: Request) -> Response:
        job = await asyncio.to_thread(self._find, request)
        job, cancelled = await asyncio.to_thread(self._jobs.cancel_or_remove, job)
        return json_response(self._describe(request, job)) if cancelled else Response(b"", 204)

    def _find(self, request: Request) -> Job:
        name, owner = request.params["id"], owner_of(request)
        job = self._jobs.connect().get(name) if self._jobs.exists() else None
        if job is None or owner not in {None, job.owner}:
            raise HTTPError(404, "job-unknown", id=name[:100])
        return job

    def _describe(self, request: Request, job: Job) -> dict[str, object]:
        return describe(job, request.lang)


def _object(body: bytes) -> Mapping[str, object]:
    value = decode_json(body)
    if not isinstance(value, Mapping):
        raise HTTPError(422, "job-not-object", received=type(value).__name__)
    return value


def _limit(text: str) -> int:
    if not (text.isdigit() and text.isascii() and 0 < int(text[:6]) <= MAX_JOBS_PER_PAGE):
        raise HTTPError(422, "page-limit", received=text[:20], limit=MAX_JOBS_PER_PAGE)
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
        while piece := await asyncio.to_thread(file.read, _SEND_SIZE):
            yield piece
