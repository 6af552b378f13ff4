"""Errors of the server: one text system, in the caller's language, and nothing of the server's."""

import ast
from pathlib import Path

import pytest

import mulle.verbs.serve as serve
from mulle.errors import PredictionError, RunError, UnknownName, UsageError
from mulle.i18n import Messages
from mulle.verbs.serve.http import HTTPError, Request, to_problem

LANGUAGES = ("en", "ko")


def raised_codes():
    """Codes that the server's sources raise as `HTTPError(status, code, ...)`, with their names."""
    for path in Path(serve.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "HTTPError":
                code = node.args[1]
                if isinstance(code, ast.Constant):
                    yield code.value, {k.arg for k in node.keywords}


CODES = sorted({code for code, _ in raised_codes()})


def test_the_codes_are_found():
    assert len(CODES) > 50 and "path-unknown" in CODES


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("code", CODES)
def test_every_code_has_its_sentences(code, lang):
    messages = Messages(lang)
    assert f"error.{code}.what" in messages and f"error.{code}.fix" in messages


@pytest.mark.parametrize(("code", "given"), list(raised_codes()))
def test_every_blank_is_filled(code, given):
    for lang in LANGUAGES:
        messages = Messages(lang)
        for part in ("what", "fix"):
            assert messages.blanks_of(f"error.{code}.{part}") <= given | {"row"}


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (HTTPError(413, "body-large", limit=1000), 413),
        (PredictionError("value-unreadable", row=2, column="a", expected="number", received="x"),
         422),
        (UnknownName("model-unknown", "model", "a", ["b"]), 404),
        (UsageError("config-rate", setting="[limits] rate", received="soon"), 400),
    ],
)  # fmt: skip
def test_a_mistake_of_the_caller_is_told_in_both_languages(error, status):
    for lang in LANGUAGES:
        problem = to_problem(error, lang)
        assert (problem.status, problem.code) == (status, error.code)
        assert problem.message == error.render_what(lang) and problem.fix == error.render_fix(lang)
        assert problem.values == error.values


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (RunError("keys-unwritable", path="/secret/place", error="no"), 503, "keys-unwritable"),
        (OSError("/secret/place"), 500, "server-fault"),
        (ZeroDivisionError("/secret/place"), 500, "server-fault"),
    ],
)
def test_of_the_servers_own_faults_nothing_but_the_code_is_told(error, status, code):
    problem = to_problem(error, "en")
    assert (problem.status, problem.code, problem.values) == (status, code, {})
    assert problem.message == Messages("en")("error.server-fault.what")


@pytest.mark.parametrize(
    ("query", "accepted", "lang"),
    [
        (b"", b"ko-KR,ko;q=0.9,en;q=0.8", "ko"),
        (b"", b"en", "en"),
        (b"", b"fr", "ko"),
        (b"", b"", "ko"),
        (b"lang=en", b"ko", "en"),
        (b"lang=ko", b"en", "ko"),
    ],
)
def test_the_language_of_a_request(query, accepted, lang):
    scope = {"headers": [(b"accept-language", accepted)], "query_string": query}
    assert Request(scope, None, 0, None, "ko").lang == lang
