"""Errors as callers read them: a status of HTTP, a code, and sentences in the caller's language.

Every error is a `MulleError`, so its sentences stand in `i18n` under `error.CODE`, and
`mulle explain CODE` shows them. What is not the caller's fault is answered with its code and a
general sentence: its own may name files of the server.
"""

from __future__ import annotations

from typing import Any

import msgspec

from mulle.errors import MulleError, PredictionError, UnknownName, UsageError
from mulle.i18n import Lang
from mulle.verbs.serve.http.response import Headers, Response, json_response

_STATUS = ((UnknownName, 404), (PredictionError, 422), (UsageError, 400))  # the first that fits
_OF_THE_SERVER = 503
RETRY: Headers = ((b"retry-after", b"1"),)  # what is full may have room in a second


class HTTPError(MulleError):
    """A request that cannot be answered.

    Args:
        status: HTTP status: 4xx for a mistake of the caller, 503 to ask for another try.
        code: stable name of the error, in kebab case.
        headers: headers that HTTP wants with the status.
        values: the blanks of its sentences, which the answer carries too.
    """

    def __init__(self, status: int, code: str, headers: Headers = (), **values: Any) -> None:
        self.status, self.headers = status, headers
        super().__init__(code, **values)


class Problem(msgspec.Struct, frozen=True, omit_defaults=True):
    """An error, ready to be written as a protocol writes errors.

    Attributes:
        status: HTTP status.
        code: stable name of the error, in kebab case.
        message: one sentence, in the caller's language.
        fix: what to do, in the caller's language.
        values: what the sentences name: row (1-based), column, received, expected, limit.
        headers: headers of the answer.
    """

    status: int
    code: str
    message: str
    fix: str = ""
    values: dict[str, Any] = {}
    headers: Headers = ()


def to_problem(error: Exception, lang: Lang) -> Problem:
    """Return what a caller is shown of `error`, in `lang`."""
    if isinstance(error, HTTPError):
        return _problem(error.status, error, lang, error.headers)
    status = next((status for sort, status in _STATUS if isinstance(error, sort)), 0)
    if isinstance(error, MulleError) and status:
        return _problem(status, error, lang)
    fault = HTTPError(_OF_THE_SERVER if isinstance(error, MulleError) else 500, "server-fault")
    problem = _problem(fault.status, fault, lang)
    code = getattr(error, "code", "") if isinstance(error, MulleError) else ""
    return msgspec.structs.replace(problem, code=code or problem.code)


def to_response(problem: Problem) -> Response:
    """Return `{"error": {"code", "message", "fix", row, column, ...}}`."""
    body = {"code": problem.code, "message": problem.message, "fix": problem.fix}
    return json_response({"error": {**body, **problem.values}}, problem.status, problem.headers)


def _problem(status: int, error: MulleError, lang: Lang, headers: Headers = ()) -> Problem:
    values = msgspec.to_builtins(error.values, enc_hook=str) if error.values else {}
    return Problem(
        status, error.code, error.render_what(lang), error.render_fix(lang), values, headers
    )
