"""Micro-batching: who arrives together is answered together, and nobody waits for company."""

import asyncio
import gc
import random
import threading
import time

import pytest

from mulle.verbs.serve.models import Batcher
from mulle.verbs.serve.models.batcher import MAX_ROWS, MAX_SECONDS, RunPlanner


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


def work(seconds):
    """Keep this core busy for a while."""
    end = time.thread_time() + seconds
    while time.thread_time() < end:
        pass


def test_runs_are_as_long_as_the_loop_may_be_held():
    sizes, cost = [], MAX_SECONDS / 20

    def slow(rows):
        work(cost * len(rows))
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
        work(10 * MAX_SECONDS)
        return rows

    async def go():
        nonlocal ticks
        batcher = Batcher(slow)
        await batcher.submit(0)
        answers = asyncio.gather(*(submitted(batcher, [n]) for n in range(5)))
        while not answers.done():
            await asyncio.sleep(MAX_SECONDS / 2)
            ticks += 1
        return await answers

    assert asyncio.run(go()) == [[n] for n in range(5)]
    assert len(threads) == 2 and ticks >= 2  # the first in the loop, the others not


@pytest.mark.parametrize("bad", [[], [13], [0, 63], [7, 8, 9], range(64)])
@pytest.mark.parametrize("cost", [0, MAX_SECONDS])
def test_a_row_that_fails_fails_alone(bad, cost):
    runs = []

    def fails(rows):
        runs.append(len(rows))
        work(cost)
        if wrong := [row for row in rows if row in bad]:
            raise ArithmeticError(wrong[0])
        return rows

    async def go():
        batcher = Batcher(fails)
        await batcher.submit(64)
        answers = await asyncio.gather(*map(batcher.submit, range(64)), return_exceptions=True)
        assert await batcher.submit(65) == 65
        return answers

    found = asyncio.run(go())
    for row, answer in enumerate(found):
        assert (type(answer) is ArithmeticError and answer.args == (row,)) is (row in bad)
        assert row in bad or answer == row
    assert len(runs) <= 10 + 2 * 7 * len(bad)  # by halves: no run for each good row


def simulated(callers, requests, seconds_of, stalled=0.0, seed=0):
    """Wall seconds and rows a run, if as many callers ask again as soon as they are answered.

    A share of the runs has to wait 60 ms for a core, by chance.
    """
    planner, wall, runs, left = RunPlanner(), 0.0, 0, callers * requests
    chance = random.Random(seed)
    while left:
        rows = min(planner.rows, callers, left)
        seconds = seconds_of(rows)
        took = seconds + (0.06 if chance.random() < stalled else 0.0)
        wall += took
        spent = seconds if planner.reads_cpu else took
        planner.record(rows, spent, min(callers, left) - rows)
        runs, left = runs + 1, left - rows
    return wall, callers * requests / runs


def test_stalls_do_not_collapse_it():
    def quick(rows):
        return 1e-4 + 1e-6 * rows

    still, most = simulated(64, 300, quick)
    assert most > 60
    for stalled in (0.05, 0.1, 0.3):
        wall, rows = simulated(64, 300, quick, stalled)
        runs = 64 * 300 / rows
        assert rows == most  # as without stalls
        assert wall < still + 1.5 * stalled * 0.06 * runs  # by wall time it was 4 to 65 times that


def test_a_slow_model_is_asked_in_whole_batches():
    def slow(rows):
        return 4e-3 + 2e-4 * rows

    wall, rows = simulated(64, 300, slow)
    alone = 64 * 300 * slow(1)
    assert rows > 60
    assert alone / wall > 11


@pytest.mark.parametrize("fixed", [0.0009, 0.0011, 0.0015, 0.0019, 0.0021])
def test_a_model_of_about_a_millisecond_learns_to_batch(fixed):
    _, rows = simulated(64, 300, lambda rows: fixed + 2e-5 * rows)
    assert rows > 20


def test_after_one_slow_run_the_loop_is_taken_again():
    planner = RunPlanner()
    planner.record(1, 0.5, 0)  # the first run of a graph
    assert planner.in_thread
    planner.record(1, 1e-4, 0)
    assert not planner.in_thread and planner.rows == 20
    planner.record(1, 0.5, 0)  # by the wall: it may have waited for a core
    assert planner.reads_cpu and not planner.in_thread and planner.rows == 20
    planner.record(1, 0.5, 0)
    assert planner.in_thread


@pytest.mark.parametrize("cost", [0, 2 * MAX_SECONDS])
def test_who_waits_no_longer_is_left_out(cost):
    seen = []

    def answer(rows):
        work(cost)
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
        work(10 * MAX_SECONDS)
        return rows

    async def go():
        batcher = Batcher(slow)
        await batcher.submit(0)
        answer = batcher.submit(1)
        del batcher
        assert await answer == 1

    asyncio.run(go())
    gc.collect()
    end = time.monotonic() + 5
    while any(t.name.startswith("graph") for t in threading.enumerate()):
        assert time.monotonic() < end
        time.sleep(0.01)
