"""A caller's mistake, answered in the caller's language: what, where, what to do."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

import msgspec

from mulle.errors import MulleError, PredictionError, UnknownName, UsageError
from mulle.verbs.serve.http.response import Headers, Response, json_response

if TYPE_CHECKING:
    from mulle.i18n import Messages
    from mulle.i18n.format import Lang

_LANGUAGES: tuple[Lang, ...] = ("en", "ko")
_MISTAKES = (PredictionError, UsageError)


class Problem(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a refusal says.

    Attributes:
        status: of HTTP.
        code: stable name, in kebab case.
        message: one sentence, in the language asked for.
        fix: what to do.
        values: what it is about: row, column, received, expected, limit.
        headers: that HTTP wants with it.
    """

    status: int
    code: str
    message: str
    fix: str = ""
    values: dict[str, Any] = {}
    headers: Headers = ()


class HTTPError(Exception):
    """A request cannot be answered; the words are in `page`, under `refused`.

    Args:
        status: of HTTP: 4xx is the caller's mistake, 503 asks to come again.
        code: stable name; `refused.CODE` and `refused.CODE-fix` are its sentences.
        headers: that HTTP wants with it.
        values: what the sentences name.
    """

    def __init__(self, status: int, code: str, headers: Headers = (), **values: Any) -> None:
        self.status, self.code, self.headers, self.values = status, code, headers, values
        super().__init__(code)


def to_problem(error: Exception, accept_language: str, default: str) -> Problem:
    """What is said of an error to a caller; of what is not the caller's fault, only its code."""
    words = _words(language_of(accept_language, default))
    if isinstance(error, HTTPError):
        return _said(words, error.status, error.code, error.values, error.headers)
    if isinstance(error, UnknownName) and error.code != "words-unknown":
        return Problem(404, error.code, error.what, error.fix)
    if isinstance(error, _MISTAKES):
        status = 422 if isinstance(error, PredictionError) else 400
        if error.values and f"refused.{error.code}" in words:  # until they are errors too
            return _said(words, status, error.code, dict(error.values), ())
        lang = words.lang
        what, fix = error.render_what(lang), error.render_fix(lang)
        return Problem(status, error.code, what, fix, dict(error.values))
    if isinstance(error, MulleError):
        return _said(words, 503, error.code, {}, ())
    return _said(words, 500, "server-fault", {}, ())


def plain(refusal: Problem) -> Response:
    """`{"error": {"code", "message", "fix", row, column, ...}}`."""
    body = {"code": refusal.code, "message": refusal.message, "fix": refusal.fix}
    return json_response({"error": {**body, **refusal.values}}, refusal.status, refusal.headers)


def _said(
    words: Messages, status: int, code: str, values: dict[str, Any], headers: Headers
) -> Problem:
    key = f"refused.{code}"
    if key not in words:
        key = "refused.server-fault"
    fix = words(f"{key}-fix", **values) if f"{key}-fix" in words else ""
    return Problem(status, code, words(key, **values), fix, values, headers)


def language_of(accept: str, default: str) -> Lang:
    """The first of the languages asked for that there is; weights are in order as browsers send.

    >>> language_of("ko-KR,ko;q=0.9,en;q=0.8", "en"), language_of("fr", "ko")
    ('ko', 'ko')
    """
    for part in accept.lower().split(","):
        for lang in _LANGUAGES:
            if part.strip().startswith(lang):
                return lang
    return "ko" if default == "ko" else "en"


@cache
def _words(lang: Lang) -> Messages:
    from mulle.i18n import Messages

    return Messages(lang)
