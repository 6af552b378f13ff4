"""Passes shared between threads: the same bits for any number of them, errors where they belong."""

from __future__ import annotations

import os
import threading
import warnings
from typing import Any

import numpy as np
import pytest

from mulle import nn
from mulle.nn import blas, parallel
from mulle.nn import functional as F


def bits(threads: int, make: Any) -> list[bytes]:
    with parallel.limit(threads):
        return [np.ascontiguousarray(a).tobytes() for a in make()]


def attention() -> list[np.ndarray]:
    rng = np.random.default_rng(0)
    q, k, v = (nn.Tensor(rng.normal(size=(16, 2, 70, 8)).astype(np.float32), requires_grad=True)
               for _ in range(3))  # fmt: skip
    y = F.scaled_dot_product_attention(q, k, v, is_causal=True)
    (y * y).sum().backward()
    return [y.data, q.grad, k.grad, v.grad]


def trained(layers: Any, shape: tuple[int, ...]) -> list[np.ndarray]:
    nn.manual_seed(0)
    net, x = nn.Sequential(*layers()), np.random.default_rng(1).normal(size=shape)
    adam = nn.optim.AdamW(net.parameters(), 0.01)
    for _ in range(2):
        adam.zero_grad()
        y = net(nn.Tensor(x.astype(np.float32)))
        (y * y).mean().backward()
        adam.step()
    return [*net.state_dict().values(), y.data]


CASES = {
    "attention": attention,
    "dense": lambda: trained(
        lambda: [nn.Linear(64, 700), nn.ReLU(), nn.LayerNorm(700), nn.GELU("tanh"),
                 nn.Linear(700, 200), nn.GELU(), nn.Linear(200, 3)], (500, 64)),
    "convolution": lambda: trained(
        lambda: [nn.Conv2d(2, 16, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(16, 8, 3),
                 nn.MaxPool2d(3, 2, 1)], (64, 2, 20, 20)),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_results_do_not_depend_on_the_number_of_threads(case: str) -> None:
    alone = bits(1, CASES[case])
    assert bits(2, CASES[case]) == alone
    assert bits(5, CASES[case]) == alone


def test_an_lstm_does_not_either() -> None:
    def run() -> list[np.ndarray]:
        nn.manual_seed(0)
        net, x = nn.LSTM(8, 32), np.random.default_rng(1).normal(size=(30, 32, 8))
        y, _ = net(nn.Tensor(x.astype(np.float32)))
        (y * y).sum().backward()
        return [y.data, *[p.grad for p in net.parameters()]]

    assert bits(3, run) == bits(1, run)


def test_views_in_any_order_of_axes_are_shared() -> None:
    x = np.moveaxis(np.arange(40 * 50 * 64, dtype=np.float64).reshape(40, 50, 64), 0, -1)
    y = np.empty_like(x)
    with parallel.limit(2):
        parallel.entries(lambda a, b: np.multiply(a, 2, out=b), x, y)
    np.testing.assert_array_equal(y, 2 * x)
    other = np.empty(x.shape)  # in another order of axes
    parallel.entries(lambda a, b: np.multiply(a, 2, out=b), x, other)
    np.testing.assert_array_equal(other, 2 * x)


def test_an_error_in_a_thread_is_raised_in_the_caller() -> None:
    def fails(part: np.ndarray) -> None:
        if part[0]:
            raise KeyError("a tile")

    with parallel.limit(3), pytest.raises(KeyError, match="a tile"):
        parallel.entries(fails, np.arange(500_000))


def test_what_numpy_does_about_overflow_holds_in_all_threads() -> None:
    x = np.full(500_000, 1e4)
    with warnings.catch_warnings(), np.errstate(over="ignore"), parallel.limit(3):
        warnings.simplefilter("error")
        parallel.entries(lambda a: np.exp(a), x)


def test_two_callers_at_once_get_their_own_results() -> None:
    found: dict[int, np.ndarray] = {}

    def work(k: int) -> None:
        y = np.empty(300_000)
        for _ in range(20):
            parallel.entries(lambda a: a.fill(k), y)
        found[k] = y

    with parallel.limit(2):
        callers = [threading.Thread(target=work, args=(k,)) for k in range(4)]
        for caller in callers:
            caller.start()
        for caller in callers:
            caller.join()
    assert all((y == k).all() for k, y in found.items())


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_a_forked_process_starts_threads_of_its_own() -> None:
    with parallel.limit(2):
        parallel.entries(lambda a: np.exp(a, out=a), np.zeros(300_000))
        child = os.fork()
        if not child:
            y = np.zeros(300_000)
            parallel.entries(lambda a: np.exp(a, out=a), y)
            os._exit(0 if (y == 1).all() else 1)
        assert os.waitpid(child, 0)[1] == 0


def test_entries_are_mapped_where_arrays_are_alike_and_where_not() -> None:
    rng = np.random.default_rng(0)
    a, b = rng.normal(size=(2, 300, 400)).astype(np.float32)
    with parallel.limit(3):
        for x, y in ((a, b), (a, b[0]), (a.T, b.T), (a.T, a.reshape(b.T.shape)), (a, 2.0)):
            z = parallel.map_entries(np.add, x, y)
            np.testing.assert_array_equal(z, x + y)
            assert z.dtype == np.float32
        z = parallel.map_entries(lambda x, y: x * (1 - y), a, b)
        np.testing.assert_array_equal(z, a * (1 - b))
        ids = np.arange(200_000)
        np.testing.assert_array_equal(parallel.map_entries(np.tanh, ids), np.tanh(ids))
        mixed = parallel.map_entries(np.add, a, b.astype(np.float64))
        assert mixed.dtype == np.float64


def products() -> list[int]:
    return [library.get_num_threads() for library in blas._libraries()]


def test_products_inside_tiles_take_one_thread_and_later_what_they_took_before() -> None:
    from threadpoolctl import threadpool_limits

    seen: list[list[int]] = []
    with threadpool_limits(2, user_api="blas"), parallel.limit(2):
        before = products()
        parallel.run(lambda _: seen.append(products()), [(0,), (1,), (2,)])
        with blas.one_thread():
            parallel.run(lambda _: None, [(0,), (1,)])
            seen.append(products())
        assert products() == before
    assert before
    assert all(set(counts) == {1} for counts in seen)
