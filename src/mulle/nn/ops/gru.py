"""GRU over a whole sequence: a state that two gates reset and renew.

r, z = sigmoid(W x_t + b + U h_{t-1} + b'), one each;  n = tanh(W x_t + b + r (U h_{t-1} + b'));
h_t = n + z (h_{t-1} - n). The weights hold the gates as r, z, n. The reset gate acts on the
product, as in PyTorch (linear_before_reset of ONNX), not on the state, as in the first paper.

Each step computes four parts, r, z, what n has from x, and what it has from h, as one product with
zeros where a part does not see the one or the other. With d_t what reaches h_t, the gradient of
the four is d_t times factors that are computed for the whole sequence at once.

shapes  x (t, n, in), w_ih (g, in), w_hh (g, h), b_ih (g)?, b_hh (g)?, h (n, h)?
        -> y (t, n, h), h_n (n, h)
source  Cho et al. 2014, arXiv:1406.1078, eq. 5-8;
        https://docs.pytorch.org/docs/stable/generated/torch.nn.GRU.html
catalogue  net-gru
"""

from collections.abc import Iterator
from typing import Any

import numpy as np

from mulle.nn.arrays import Array
from mulle.nn.operation import Draw, Sample
from mulle.nn.ops import _recurrent as recurrent


@np.errstate(over="ignore")  # of the gates
def forward(
    x: Array,
    w_ih: Array,
    w_hh: Array,
    b_ih: Array | None = None,
    b_hh: Array | None = None,
    h: Array | None = None,
    *,
    reverse: bool = False,
) -> tuple[tuple[Array, Array], Any]:
    track = recurrent.begin_track(x, w_hh, h, gates=3, reverse=reverse)
    steps, n, hidden = len(x), x.shape[1], w_hh.shape[1]
    weight = _four(w_ih, w_hh, b_ih, b_hh)
    np.negative(weight[: 2 * hidden], out=weight[: 2 * hidden])  # for `recurrent.gate`
    hs = recurrent.states(track, hidden)
    parts = np.empty_like(x, shape=(steps, 4, hidden, n), order="C")  # r, z, n, U h + b'
    for t in range(steps):
        r, z, new, of_h = parts[t]
        np.matmul(weight, track[t], out=parts[t].reshape(4 * hidden, n))
        # r, z = sigmoid(...);  new = tanh(new + r * of_h);  h = new + z * (h - new)
        recurrent.gate(parts[t, :2])
        new += r * of_h
        np.tanh(new, out=new)
        step = hs[t] - new
        step *= z
        np.add(new, step, out=hs[t + 1])
    saved = (w_ih, w_hh, b_ih, b_hh, h), track, parts, reverse
    return recurrent.outputs(hs, reverse=reverse), saved


def _four(w_ih: Array, w_hh: Array, b_ih: Array | None, b_hh: Array | None) -> Array:
    """Return the weights of r, z, n from x and n from h, for columns [x; h; 1]."""
    hidden, size = w_hh.shape[1], w_ih.shape[1]
    seen = recurrent.join_weights(w_ih, w_hh, b_ih, b_hh)
    weight = np.zeros_like(seen, shape=(4 * hidden, seen.shape[1]))
    new, of_h = slice(2 * hidden, 3 * hidden), slice(3 * hidden, None)
    weight[: 2 * hidden] = seen[: 2 * hidden]
    weight[new, :size] = w_ih[new]
    weight[of_h, size:-1] = w_hh[new]
    if b_ih is not None:
        weight[new, -1] = b_ih[new]
    if b_hh is not None:
        weight[of_h, -1] = b_hh[new]
    return weight


def backward(
    gys: tuple[Array, Array], saved: Any, into: tuple[Any, ...]
) -> tuple[Array | None, ...]:
    inputs, track, parts, reverse = saved
    w_hh = inputs[1]
    steps, _, hidden, n = parts.shape
    gy = recurrent.incoming(gys[0], reverse=reverse)
    factors = _factors(parts, recurrent.states(track, hidden)[:-1])
    gh = gys[1].T
    for t in reversed(range(steps)):
        # gates' gradient = factors * dh;  dh_{t-1} = z * dh + U' gates' gradient
        gh = gh + gy[t]
        factors[t] *= gh
        kept = parts[t, 1] * gh
        gh = w_hh.T @ factors[t, :3].reshape(3 * hidden, n)
        gh += kept
    of_h = factors[:, :3].reshape(steps, 3 * hidden, n)
    factors[:, 2], of_h = factors[:, 3], of_h.copy()
    of_x = factors[:, :3].reshape(steps, 3 * hidden, n)
    return recurrent.gradients(of_x, of_h, gh, track, inputs, into, reverse=reverse)


def _factors(parts: Array, before: Array) -> Array:
    """Return the factors of dh_t for r, z, n from h and n from x: (t, 4, hidden, n)."""
    r, z, new, of_h = parts.swapaxes(0, 1)
    factors = np.empty_like(parts)
    # of_new = (1 - z)(1 - n^2);  of z = (h - n) z (1 - z);  of r = of_new of_h r (1 - r)
    of_new = np.multiply(1 - z, 1 - new * new, out=factors[:, 3])
    np.multiply(of_new, r, out=factors[:, 2])
    np.multiply((before - new) * z, 1 - z, out=factors[:, 1])
    np.multiply(of_new * of_h, r * (1 - r), out=factors[:, 0])
    return factors


def torch_forward(
    torch: Any,
    x: Any,
    w_ih: Any,
    w_hh: Any,
    b_ih: Any = None,
    b_hh: Any = None,
    h: Any = None,
    *,
    reverse: bool = False,
) -> Any:
    state, weights = recurrent.in_torch(x, w_ih, w_hh, b_ih, b_hh, h)
    x = x.flip(0) if reverse else x
    y, last = torch.gru(x, state[0], weights, True, 1, 0.0, False, False, False)
    return y.flip(0) if reverse else y, last[0]


def to_onnx(
    g: Any,
    x: Any,
    w_ih: Any,
    w_hh: Any,
    b_ih: Any = None,
    b_hh: Any = None,
    h: Any = None,
    *,
    reverse: bool = False,
) -> Any:
    weights = recurrent.onnx_inputs(g, w_ih, w_hh, b_ih, b_hh, order=(1, 0, 2))
    settings = recurrent.onnx_settings(w_hh, reverse=reverse)
    first = recurrent.onnx_state(g, h)
    y, last = g.gru(x, *weights, None, first, linear_before_reset=1, **settings)
    return recurrent.onnx_outputs(g, y, last)


def samples(draw: Draw) -> Iterator[Sample]:
    x, w_ih, w_hh = draw.normal(5, 2, 3), draw.normal(12, 3), draw.normal(12, 4)
    b_ih, b_hh, h = draw.normal(12), draw.normal(12), draw.normal(2, 4)
    absent = recurrent.lacking(draw)
    yield Sample((x, w_ih, w_hh, b_ih, b_hh), not_in=absent)
    yield Sample((x, w_ih, w_hh, b_ih, b_hh, h), {"reverse": True}, not_in=absent)
    yield Sample((x[:1], w_ih, w_hh, None, b_hh), not_in=absent)
    yield Sample((100 * x, w_ih, w_hh, b_ih), not_in=absent)
    yield Sample((x, w_ih, draw.normal(12, 5)), refused="w_hh (g, h)")
    yield Sample((x, draw.normal(12, 2), w_hh), refused="w_ih (g, in)")
    yield Sample((x[:0], w_ih, w_hh), refused="x (t, n, in)")
