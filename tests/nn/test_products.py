"""Products shared between threads: cut once for each, whole together, on one thread of OpenBLAS."""

from __future__ import annotations

import numpy as np
import pytest

from mulle import nn
from mulle.nn import blas, parallel, products
from mulle.nn import functional as F

SHAPES = [
    (700, 300, 40),
    (40, 300, 700),
    (1, 900, 9000),
    (300, 1, 300),
    (0, 4, 5),
    (0, 4, 0),
    (33, 5000, 47),
]


def drawn(*shape: int) -> np.ndarray:
    return np.random.default_rng(shape).normal(size=shape)


@pytest.mark.parametrize("threads", [1, 2, 5])
@pytest.mark.parametrize("shape", SHAPES)
def test_parts_of_a_product_are_the_product(shape: tuple[int, ...], threads: int) -> None:
    rows, inside, columns = shape
    a, b = drawn(rows, inside), drawn(inside, columns)
    out = products.empty(a, b)
    out[...] = np.nan
    with parallel.limit(threads):
        products.run(products.parts(a, b, out))
    np.testing.assert_allclose(out, a @ b, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("stacked", [1, 3])
def test_stacked_matrices_are_multiplied(stacked: int) -> None:
    a, b = drawn(stacked, 70, 90), drawn(stacked, 90, 8000)
    with parallel.limit(2):
        y = products.multiply(a.swapaxes(1, 2).copy().swapaxes(1, 2), b)
    np.testing.assert_allclose(y, a @ b, rtol=1e-9, atol=1e-9)


def test_a_product_is_cut_for_each_thread_that_is_worth_it() -> None:
    a, b = np.ones((640, 512), np.float32), np.ones((512, 256), np.float32)
    with parallel.limit(3):
        assert [len(part[0]) for part in products.parts(a, b, products.empty(a, b))] == [
            224, 224, 192
        ]  # fmt: skip
        assert products.cuts(640, 100) == [slice(0, 640)]
    with parallel.limit(1):
        assert products.cuts(640, 512 * 256) == [slice(0, 640)]


def test_openblas_calls_no_threads_of_its_own_but_for_what_is_left_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from threadpoolctl import threadpool_limits

    seen: list[int] = []
    multiply = np.matmul

    def count(*arrays: np.ndarray, **settings: np.ndarray) -> np.ndarray:
        seen.append(max(library.get_num_threads() for library in blas._libraries()))
        return multiply(*arrays, **settings)

    monkeypatch.setattr(np, "matmul", count)
    x, weight = (nn.Tensor(drawn(n, 512), requires_grad=True) for n in (600, 300))
    with threadpool_limits(2, user_api="blas"), parallel.limit(2):
        F.linear(x, weight, nn.Tensor(drawn(300), requires_grad=True)).sum().backward()
        assert set(seen) == {1}
        assert len(seen) > 4
        seen.clear()
        F.linear(x[:3, :8], weight[:2, :8])  # OpenBLAS itself takes one thread for so little
        assert seen == [2]


def test_a_gradient_has_the_type_of_the_product() -> None:
    x = nn.Tensor(drawn(5, 3).astype(np.float32), requires_grad=True)
    weight = nn.Tensor(drawn(2, 3), requires_grad=True)
    y = F.linear(x, weight)
    assert y.dtype == np.float64
    y.sum().backward()
    np.testing.assert_allclose(x.grad, np.tile(weight.data.sum(0), (5, 1)))
