"""A job as callers see it, with its error in their language."""

from __future__ import annotations

import time
from typing import Any

from mulle.i18n import Lang, Messages
from mulle.times import iso_of
from mulle.verbs.serve.http import HTTPError, to_problem
from mulle.verbs.serve.jobs.job import Job, Status

_FORMATS = {"json": "ndjson"}  # names that callers use


def summarize(job: Job) -> dict[str, Any]:
    """Return what a webhook is sent: no sentences, for it has no language."""
    error = {"error": {"code": job.error["code"]}} if job.error else {}
    return {
        "id": job.id,
        "status": job.status.value,
        "model": job.model,
        "version": job.version,
        "rows": {"done": job.rows_done, "total": job.rows_total},
        "links": _links(job),
        **error,
    }


def describe(job: Job, lang: Lang) -> dict[str, Any]:
    """Return all that a caller may know of a job, its error in `lang`."""
    return summarize(job) | {
        "format": _FORMATS.get(job.form, job.form),
        "on_error": job.on_error,
        "created": _to_iso(job.created),
        "begun": _to_iso(job.begun),
        "ended": _to_iso(job.ended),
        "share": round(job.share, 4),
        **_pace(job),
        "error": _describe_error(job, lang),
        "webhook": _describe_webhook(job),
    }


def _links(job: Job) -> dict[str, str]:
    here = f"/jobs/{job.id}"
    return {"self": here} | ({"result": f"{here}/result"} if job.status is Status.done else {})


def _pace(job: Job) -> dict[str, float | None]:
    """Rows a second and seconds left, by what was done since the work was last taken up."""
    if job.begun is None:
        return {"rows_per_second": None, "seconds_left": None}
    if job.ended is not None:
        took = max(job.ended - job.begun, 1e-3)
        return {"rows_per_second": round(job.rows_done / took, 1), "seconds_left": 0.0}
    took = max(time.time() - (job.resumed or job.begun), 1e-3)
    gained = job.share - job.resumed_share
    if gained <= 0:
        return {"rows_per_second": None, "seconds_left": None}
    rows = job.rows_done * gained / job.share
    left = took * (1 - job.share) / gained
    return {"rows_per_second": round(rows / took, 1), "seconds_left": round(left, 1)}


def _describe_webhook(job: Job) -> dict[str, Any] | None:
    if not job.webhook:
        return None
    return {"url": job.webhook, "state": job.webhook_state, "tries": job.webhook_tries}


def _describe_error(job: Job, lang: Lang) -> dict[str, Any] | None:
    if not job.error:
        return None
    code, values = job.error["code"], job.error.get("values") or {}
    known = f"error.{code}.what" in Messages(lang)  # a job may be older than this mulle
    problem = to_problem(HTTPError(422, code if known else "server-fault", **values), lang)
    return {"code": code, "message": problem.message, "fix": problem.fix, **problem.values}


def _to_iso(seconds: float | None) -> str | None:
    if seconds is None:
        return None
    return iso_of(seconds, milliseconds=True)
