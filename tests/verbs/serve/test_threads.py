"""Long work on requests: few threads at once, and those that work for nobody are counted."""

import asyncio
import threading
import time

import numpy as np
import polars as pl
import pytest
from tests.verbs.serve.conftest import ROW

import mulle
from mulle.verbs.serve.http import HTTPError
from mulle.verbs.serve.http.limits import LARGE_BODY, SMALL_BODY, off_loop
from mulle.verbs.serve.http.threads import Threads, count_left
from mulle.verbs.serve.models import LoadedModel


def test_one_large_body_is_read_at_a_time_and_a_smaller_one_does_not_wait_for_it():
    inside, most, open = [], [], threading.Event()

    def large():
        inside.append(1)
        most.append(len(inside))
        open.wait(20)
        inside.pop()

    async def go():
        several = [asyncio.ensure_future(off_loop(LARGE_BODY + 1, large)) for _ in range(4)]
        name = await off_loop(SMALL_BODY + 1, lambda: threading.current_thread().name)
        open.set()
        await asyncio.gather(*several)
        return name

    assert asyncio.run(go()) == "body_0"
    assert most == [1] * 4


def test_work_that_is_given_up_is_counted_until_it_ends_and_refuses_new_work():
    threads, open = Threads("test", 2, most_left=1), threading.Event()

    async def go():
        running = [asyncio.ensure_future(threads.run(open.wait, 20)) for _ in range(3)]
        await asyncio.sleep(0.05)
        assert threads.left == 0
        running[0].cancel()
        running[2].cancel()  # which has not begun, and never does
        await asyncio.gather(running[0], running[2], return_exceptions=True)
        assert threads.left == 1
        with pytest.raises(HTTPError) as refused:
            await threads.run(print)
        assert (refused.value.status, refused.value.code) == (503, "server-busy")
        open.set()
        await running[1]
        while threads.left:
            await asyncio.sleep(0.01)
        return await threads.run(lambda: "again")

    assert asyncio.run(go()) == "again"
    assert count_left() == 0


def test_an_error_in_a_thread_reaches_who_waits():
    async def go():
        with pytest.raises(ZeroDivisionError):
            await Threads("test", 1).run(lambda: 1 // 0)

    asyncio.run(go())


def test_predictions_of_many_rows_end_in_time_and_are_those_of_the_whole(bundle, monkeypatch):
    model = mulle.load(bundle)
    loaded = LoadedModel("stays", "1", model)
    rows = pl.DataFrame([{**ROW, "income": float(n)} for n in range(25_000)])
    scores, _ = asyncio.run(loaded.predict_rows(rows, time.monotonic() + 60))
    assert np.array_equal(scores, model.predict_proba(rows))
    assert asyncio.run(loaded.predict_rows(rows[:0], time.monotonic() + 60))[0].shape == (0, 2)
    runs = []

    def slow(inputs):
        runs.append(len(next(iter(inputs.values()))))
        time.sleep(0.2)
        return type(model).predict_arrays(model, inputs)

    monkeypatch.setattr(model, "predict_arrays", slow)
    with pytest.raises(TimeoutError):
        asyncio.run(loaded.predict_rows(rows, time.monotonic() + 0.1))
    assert runs in ([], [10_000])


def test_they_are_in_the_metrics(server):
    assert "\nhttp_requests_left_running 0.0\n" in server.get("/metrics").body.decode()
