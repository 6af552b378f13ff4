"""Time is limited for all work alike, and nobody is cut off while a body is still on its way."""

import asyncio
import threading
import time

import pytest
from tests.verbs.serve.conftest import ROW

import mulle
from mulle.verbs.serve.http import HTTPError, Request
from mulle.verbs.serve.http.limits import SMALL_BODY, BodyBudget, WorkLimiter, off_loop
from mulle.verbs.serve.models import LoadedModel


def request(*parts, pause=0.0):
    """A request whose body comes in parts, with a pause before each."""
    left = [*parts]

    async def receive():
        await asyncio.sleep(pause)
        return {"type": "http.request", "body": left.pop(0), "more_body": bool(left)}

    scope = {"type": "http", "method": "POST", "path": "/", "query_string": b"", "headers": []}
    return Request(scope, receive, 1_000, BodyBudget(1_000), "en")


def limited(seconds, work, asked=None):
    """What some work returns under a limit of time."""

    async def go():
        limiter = WorkLimiter(seconds)
        looking = asyncio.ensure_future(limiter.keep_looking())
        try:
            return await limiter.run(asked or request(), work)
        finally:
            looking.cancel()
            assert not limiter._inside and not limiter._late

    return asyncio.run(go())


async def slept(seconds):
    await asyncio.sleep(seconds)
    return "done"


def test_work_that_takes_too_long_is_ended():
    with pytest.raises(HTTPError) as caught:
        limited(0.05, slept(30))
    assert (caught.value.status, caught.value.code) == (503, "work-slow")


def test_work_in_time_is_not_touched():
    assert limited(30, slept(0.01)) == "done"

    async def fails():
        raise KeyError("x")

    with pytest.raises(KeyError):
        limited(30, fails())


def test_a_body_on_its_way_is_no_work():
    slow = request(b"a", b"b", pause=0.3)

    async def read():
        return await slow.body()

    assert limited(0.1, read(), slow) == b"ab"
    again = request(b"a", pause=0.3)

    async def read_and_work():
        await again.body()
        return await slept(30)

    with pytest.raises(HTTPError):
        limited(0.1, read_and_work(), again)


def test_who_is_cancelled_by_another_is_not_late():
    async def go():
        task = asyncio.ensure_future(WorkLimiter(30).run(request(), slept(30)))
        await asyncio.sleep(0.01)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(go())


def test_explaining_ends_in_time(bundle):
    loaded = LoadedModel("stays", "1", mulle.load(bundle))
    found = asyncio.run(loaded.explain_rows([ROW], time.monotonic() + 60))
    assert len(found) == 1
    with pytest.raises(TimeoutError):
        asyncio.run(loaded.explain_rows([ROW], time.monotonic() - 1))


def test_what_is_large_leaves_the_loop():
    async def go():
        return [await off_loop(size, threading.get_ident) for size in (1, SMALL_BODY + 1)]

    small, large = asyncio.run(go())
    assert small == threading.get_ident() != large


def test_text_that_cannot_be_encoded_is_refused_by_its_row(bundle):
    loaded = LoadedModel("stays", "1", mulle.load(bundle))

    async def go():
        good = [loaded.predict_row(ROW) for _ in range(5)]
        with pytest.raises(mulle.errors.PredictionError) as caught:
            loaded.predict_row(ROW | {"city": "\ud800"})
        assert (caught.value.code, caught.value.values["column"]) == ("text-half-character", "city")
        return await asyncio.gather(*good)

    assert len({answer.label for answer in asyncio.run(go())}) == 1
