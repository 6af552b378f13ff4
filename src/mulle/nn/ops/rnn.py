"""Plain recurrent network over a whole sequence: h_t = tanh(W_ih x_t + b_ih + W_hh h_{t-1} + b_hh).

With d_t what reaches h_t from y_t and from step t + 1: gz_t = d_t (1 - h_t^2), passed on as
W_hh' gz_t; where h_t = max(0, z_t) instead, gz_t = d_t where h_t > 0.

shapes  x (t, n, in), w_ih (h, in), w_hh (h, h), b_ih (h)?, b_hh (h)?, h (n, h)?
        -> y (t, n, h), h_n (n, h)
source  Elman 1990, Finding structure in time;
        https://docs.pytorch.org/docs/stable/generated/torch.nn.RNN.html
catalogue  net-rnn net-rnn-m2o net-rnn-m2m net-bptt
"""

from collections.abc import Iterator
from typing import Any

import numpy as np

from mulle.nn.arrays import Array
from mulle.nn.operation import Draw, Sample
from mulle.nn.ops import _recurrent as recurrent
from mulle.nn.shapes import ContractError


def forward(
    x: Array,
    w_ih: Array,
    w_hh: Array,
    b_ih: Array | None = None,
    b_hh: Array | None = None,
    h: Array | None = None,
    *,
    nonlinearity: str = "tanh",
    reverse: bool = False,
) -> tuple[tuple[Array, Array], Any]:
    if nonlinearity not in ("tanh", "relu"):
        raise ContractError("recurrent-nonlinearity")
    track = recurrent.begin_track(x, w_hh, h, gates=1, reverse=reverse)
    weight = recurrent.join_weights(w_ih, w_hh, b_ih, b_hh)
    hs = recurrent.states(track, len(w_hh))
    for t in range(len(x)):
        z = weight @ track[t]
        if nonlinearity == "tanh":
            np.tanh(z, out=hs[t + 1])
        else:
            np.maximum(z, 0, out=hs[t + 1])
    saved = (w_ih, w_hh, b_ih, b_hh, h), track, nonlinearity, reverse
    return recurrent.outputs(hs, reverse=reverse), saved


def backward(
    gys: tuple[Array, Array], saved: Any, into: tuple[Any, ...]
) -> tuple[Array | None, ...]:
    inputs, track, nonlinearity, reverse = saved
    w_hh = inputs[1]
    gy = recurrent.incoming(gys[0], reverse=reverse)
    hs = recurrent.states(track, len(w_hh))[1:]
    gz = 1 - hs * hs if nonlinearity == "tanh" else (hs != 0).astype(hs.dtype)
    gh = gys[1].T
    for t in reversed(range(len(gz))):
        gz[t] *= gh + gy[t]
        gh = w_hh.T @ gz[t]
    return recurrent.gradients(gz, gz, gh, track, inputs, into, reverse=reverse)


def torch_forward(
    torch: Any,
    x: Any,
    w_ih: Any,
    w_hh: Any,
    b_ih: Any = None,
    b_hh: Any = None,
    h: Any = None,
    *,
    nonlinearity: str = "tanh",
    reverse: bool = False,
) -> Any:
    kind = {"tanh": torch.rnn_tanh, "relu": torch.rnn_relu}[nonlinearity]
    state, weights = recurrent.in_torch(x, w_ih, w_hh, b_ih, b_hh, h)
    x = x.flip(0) if reverse else x
    y, last = kind(x, state[0], weights, True, 1, 0.0, False, False, False)
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
    nonlinearity: str = "tanh",
    reverse: bool = False,
) -> Any:
    weights = recurrent.onnx_inputs(g, w_ih, w_hh, b_ih, b_hh, order=(0,))
    settings = recurrent.onnx_settings(w_hh, reverse=reverse)
    settings["activations"] = ["Tanh" if nonlinearity == "tanh" else "Relu"]
    first = recurrent.onnx_state(g, h)
    return recurrent.onnx_outputs(g, *g.rnn(x, *weights, None, first, **settings))


def samples(draw: Draw) -> Iterator[Sample]:
    x, w_ih, w_hh = draw.normal(5, 2, 3), draw.normal(4, 3), draw.normal(4, 4)
    b_ih, b_hh, h = draw.normal(4), draw.normal(4), draw.normal(2, 4)
    absent = recurrent.lacking(draw)
    relu = {"nonlinearity": "relu"}
    yield Sample((x, w_ih, w_hh, b_ih, b_hh), not_in=absent)
    yield Sample((x, w_ih, w_hh, b_ih, b_hh, h), {"reverse": True}, not_in=absent)
    yield Sample((x, w_ih, 0.3 * w_hh, b_ih, b_hh, h), relu, not_in=absent)
    yield Sample((x[:1], w_ih, w_hh), not_in=absent)
    yield Sample((x, w_ih, draw.normal(4, 5)), refused="w_hh (h, h)")
    yield Sample((x[:0], w_ih, w_hh), refused="x (t, n, in)")
    yield Sample((x, w_ih, w_hh), {"nonlinearity": "sigmoid"}, refused="x (t, n, in)")
