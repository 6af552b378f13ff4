"""LSTM over a whole sequence: a memory c that gates write to, forget from and read.

i, f, o = sigmoid and g = tanh of the four parts of W_ih x_t + b_ih + W_hh h_{t-1} + b_hh;
c_t = f c_{t-1} + i g,  h_t = o tanh(c_t).

The weights hold the gates as i, f, g, o. Inside they are turned to o, i, f, g: then those with a
sigmoid lie together, and those that c_t depends on. The weights of the sigmoids are stored with
the other sign, which makes them 1 / (1 + e^z). All factors of the gradient that do not depend on
later steps are computed for the whole sequence at once.

shapes  x (t, n, in), w_ih (g, in), w_hh (g, h), b_ih (g)?, b_hh (g)?, h (n, h)?, c (n, h)?
        -> y (t, n, h), h_n (n, h), c_n (n, h)
source  Hochreiter & Schmidhuber 1997, Long short-term memory; Gers et al. 2000 (the forget gate);
        https://docs.pytorch.org/docs/stable/generated/torch.nn.LSTM.html
catalogue  net-lstm
"""

from collections.abc import Iterator
from typing import Any

import numpy as np

from mulle.nn import parallel
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
    c: Array | None = None,
    *,
    reverse: bool = False,
) -> tuple[tuple[Array, Array, Array], Any]:
    track = recurrent.begin_track(x, w_hh, h, gates=4, reverse=reverse)
    steps, n, hidden = len(x), x.shape[1], w_hh.shape[1]
    weight = np.roll(recurrent.join_weights(w_ih, w_hh, b_ih, b_hh), hidden, axis=0)
    np.negative(weight[: 3 * hidden], out=weight[: 3 * hidden])
    hs = recurrent.states(track, hidden)
    gates = np.empty_like(x, shape=(steps, 4, hidden, n), order="C")
    cs = np.empty_like(x, shape=(steps + 1, hidden, n), order="C")
    tanh_c = np.empty_like(cs[1:])
    cs[0] = 0 if c is None else c.T
    for t in range(steps):
        z = gates[t]
        # o, i, f = sigmoid(...);  g = tanh(...);  c = f * c + i * g;  h = o * tanh(c)
        np.matmul(weight, track[t], out=z.reshape(4 * hidden, n))
        recurrent.gate(z[:3])
        np.tanh(z[3], out=z[3])
        o, i, f, g = z
        now = np.multiply(f, cs[t], out=cs[t + 1])
        now += np.multiply(i, g, out=tanh_c[t])
        np.multiply(o, np.tanh(now, out=tanh_c[t]), out=hs[t + 1])
    y, last = recurrent.outputs(hs, reverse=reverse)
    saved = (w_ih, w_hh, b_ih, b_hh, h), c, track, gates, cs, tanh_c, reverse
    return (y, last, cs[-1].T), saved


def backward(
    gys: tuple[Array, Array, Array], saved: Any, into: tuple[Any, ...]
) -> tuple[Array | None, ...]:
    inputs, c, track, gates, cs, tanh_c, reverse = saved
    w_hh = inputs[1]
    steps, _, hidden, n = gates.shape
    gy = recurrent.incoming(gys[0], reverse=reverse)
    gz, of_c = _factors(gates, cs, tanh_c)  # so far: what is to be multiplied with gh and gc
    back = np.roll(w_hh, hidden, axis=0).T.copy()
    gh, gc = gys[1].T, gys[2].T.copy()
    for t in reversed(range(steps)):
        # dc += dh * of_c;  gz = factors * (dh or dc);  dc_{t-1} = f * dc;  dh_{t-1} = W' gz
        gh = gh + gy[t]
        gc += gh * of_c[t]
        gz[t, 0] *= gh
        gz[t, 1:] *= gc
        gc *= gates[t, 2]
        gh = back @ gz[t].reshape(4 * hidden, n)
    turned = [None if w is None else np.roll(w, hidden, axis=0) for w in inputs[:-1]]
    gz = gz.reshape(steps, 4 * hidden, n)
    gx, *gws, gh = recurrent.gradients(
        gz, gz, gh, track, (*turned, inputs[-1]), into, reverse=reverse
    )
    gws = [None if gw is None else np.roll(gw, -hidden, axis=0) for gw in gws]
    return gx, *gws, gh, None if c is None else gc.T


def _factors(gates: Array, cs: Array, tanh_c: Array) -> tuple[Array, Array]:
    """Return dh_t / dz_o and dc_t / dz_i, dz_f, dz_g as one array like gates, and dh_t / dc_t."""
    factors, of_c = np.empty_like(gates), np.empty_like(tanh_c)
    parallel.rows(_fill_factors, gates, cs[:-1], tanh_c, factors, of_c)
    return factors, of_c


def _fill_factors(gates: Array, before: Array, tanh_c: Array, factors: Array, of_c: Array) -> None:
    o, i, _, g = gates.swapaxes(0, 1)
    # s (1 - s) times tanh(c) for o, g for i, c_{t-1} for f;  i (1 - g^2) for g
    np.multiply(gates[:, :3], gates[:, :3], out=factors[:, :3])
    np.subtract(gates[:, :3], factors[:, :3], out=factors[:, :3])
    factors[:, 0] *= tanh_c
    factors[:, 1] *= g
    factors[:, 2] *= before
    np.multiply(i, 1 - g * g, out=factors[:, 3])
    # of_c = o * (1 - tanh_c^2)
    np.multiply(tanh_c, tanh_c, out=of_c)
    np.subtract(1, of_c, out=of_c)
    of_c *= o


def torch_forward(
    torch: Any,
    x: Any,
    w_ih: Any,
    w_hh: Any,
    b_ih: Any = None,
    b_hh: Any = None,
    h: Any = None,
    c: Any = None,
    *,
    reverse: bool = False,
) -> Any:
    state, weights = recurrent.in_torch(x, w_ih, w_hh, b_ih, b_hh, h, c)
    x = x.flip(0) if reverse else x
    y, last, memory = torch.lstm(x, state, weights, True, 1, 0.0, False, False, False)
    return y.flip(0) if reverse else y, last[0], memory[0]


def to_onnx(
    g: Any,
    x: Any,
    w_ih: Any,
    w_hh: Any,
    b_ih: Any = None,
    b_hh: Any = None,
    h: Any = None,
    c: Any = None,
    *,
    reverse: bool = False,
) -> Any:
    weights = recurrent.onnx_inputs(g, w_ih, w_hh, b_ih, b_hh, order=(0, 3, 1, 2))
    first = (recurrent.onnx_state(g, s) for s in (h, c))
    settings = recurrent.onnx_settings(w_hh, reverse=reverse)
    return recurrent.onnx_outputs(g, *g.lstm(x, *weights, None, *first, **settings))


def samples(draw: Draw) -> Iterator[Sample]:
    x, w_ih, w_hh = draw.normal(5, 2, 3), draw.normal(16, 3), draw.normal(16, 4)
    b_ih, b_hh, h, c = draw.normal(16), draw.normal(16), draw.normal(2, 4), draw.normal(2, 4)
    absent = recurrent.lacking(draw)
    yield Sample((x, w_ih, w_hh, b_ih, b_hh), not_in=absent)
    yield Sample((x, w_ih, w_hh, b_ih, b_hh, h, c), not_in=absent)
    yield Sample((x, w_ih, w_hh, b_ih, b_hh, h, c), {"reverse": True}, not_in=absent)
    yield Sample((x[:1], w_ih, w_hh), not_in=absent)
    yield Sample((100 * x, w_ih, w_hh, None, b_hh), not_in=absent)
    yield Sample((x, w_ih, draw.normal(16, 5)), refused="w_hh (g, h)")
    yield Sample((x, draw.normal(16, 2), w_hh), refused="w_ih (g, in)")
    yield Sample((x[:0], w_ih, w_hh), refused="x (t, n, in)")
