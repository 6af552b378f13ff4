"""Micro-batching: who arrives together is answered together, and nobody waits for company."""

import asyncio
import gc
import threading
import time

import pytest

from mulle.verbs.serve.models import Batcher
from mulle.verbs.serve.models.batcher import MAX_ROWS, MAX_SECONDS


def doubled(seen):
    def answer(rows):
        seen.append(len(rows))
        return [2 * row for row in rows]

    return answer


async def submitted(batcher, rows):
    return await asyncio.gather(*(batcher.submit(row) for row in rows))


def test_rows_that_arrive_together_are_one_run():
    seen, sizes = [], []

    async def go():
        batcher = Batcher(doubled(seen), sizes.append)
        assert await submitted(batcher, range(40)) == [2 * n for n in range(40)]
        assert await submitted(batcher, [7]) == [14]

    asyncio.run(go())
    assert seen == sizes == [40, 1]


def test_a_lone_row_is_answered_in_the_next_turn_of_the_loop():
    async def go():
        future = Batcher(doubled([])).submit(1)
        await asyncio.sleep(0)  # the run
        assert future.done()

    asyncio.run(go())


def test_no_run_takes_more_than_the_most():
    seen = []
    asyncio.run(submitted(Batcher(doubled(seen)), range(3 * MAX_ROWS + 1)))
    assert max(seen) <= MAX_ROWS and sum(seen) == 3 * MAX_ROWS + 1


def test_runs_are_as_long_as_the_loop_may_be_held():
    sizes, cost = [], MAX_SECONDS / 20

    def slow(rows):
        time.sleep(cost * len(rows))
        return rows

    async def go():
        batcher = Batcher(slow, sizes.append)
        for _ in range(30):
            await batcher.submit(0)  # it learns what a row costs
        sizes.clear()
        await submitted(batcher, range(100))

    asyncio.run(go())
    assert max(sizes) <= 20


def test_a_costly_model_leaves_the_loop_free():
    threads, ticks = set(), 0

    def slow(rows):
        threads.add(threading.current_thread())
        time.sleep(10 * MAX_SECONDS)
        return rows

    async def go():
        nonlocal ticks
        batcher = Batcher(slow)
        await batcher.submit(0)
        work = asyncio.gather(*(submitted(batcher, [n]) for n in range(5)))
        while not work.done():
            await asyncio.sleep(MAX_SECONDS / 2)
            ticks += 1
        return await work

    assert asyncio.run(go()) == [[n] for n in range(5)]
    assert len(threads) == 2 and ticks >= 5  # the first in the loop, the others not


def test_every_caller_hears_of_a_failure_and_the_next_batch_is_answered():
    def fails(rows):
        if 13 in rows:
            raise ArithmeticError("13")
        return rows

    async def go():
        batcher = Batcher(fails)
        found = await asyncio.gather(*map(batcher.submit, [1, 13]), return_exceptions=True)
        assert [type(error) for error in found] == [ArithmeticError] * 2
        assert await batcher.submit(2) == 2

    asyncio.run(go())


@pytest.mark.parametrize("cost", [0, 2 * MAX_SECONDS])
def test_who_waits_no_longer_is_left_out(cost):
    seen = []

    def answer(rows):
        time.sleep(cost)
        seen.extend(rows)
        return rows

    async def go():
        batcher = Batcher(answer)
        gone, stays = batcher.submit(1), batcher.submit(2)
        gone.cancel()
        assert await stays == 2

    asyncio.run(go())
    assert seen == [2]


def test_a_batcher_that_is_let_go_of_answers_what_it_has_and_ends_its_thread():
    def slow(rows):
        time.sleep(10 * MAX_SECONDS)
        return rows

    async def go():
        batcher = Batcher(slow)
        await batcher.submit(0)
        work = batcher.submit(1)
        del batcher
        assert await work == 1

    asyncio.run(go())
    gc.collect()
    end = time.monotonic() + 5
    while any(t.name.startswith("graph") for t in threading.enumerate()):
        assert time.monotonic() < end
        time.sleep(0.01)
