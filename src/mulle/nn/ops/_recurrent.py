"""Helpers of recurrent operations: a whole sequence at once, features before the batch.

Each step is one product z_t = [W_ih W_hh b] [x_t; h_{t-1}; 1]. The columns on the right are kept as
a track (t + 1, in + hidden + 1, n), into which each step writes the state that the next one reads;
the gradient of all weights is then one product over all steps.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from mulle.nn.arrays import Array
from mulle.nn.operation import SKIP, Draw
from mulle.nn.shapes import ContractError


def join_weights(w_ih: Array, w_hh: Array, b_ih: Array | None, b_hh: Array | None) -> Array:
    """Return [W_ih W_hh b], where b is the sum of both biases."""
    bias = np.zeros_like(w_ih, shape=len(w_ih))
    for part in (b_ih, b_hh):
        if part is not None:
            bias += part
    return np.concatenate([w_ih, w_hh, bias[:, None]], axis=1)


def begin_track(x: Array, w_hh: Array, h: Array | None, *, gates: int, reverse: bool) -> Array:
    """Return a track that holds the inputs (t, n, in) and the first state (n, hidden).

    Raises:
        ContractError: the weights have the wrong number of gates, or there is no step.
    """
    (steps, n, size), (rows, hidden) = x.shape, w_hh.shape
    if rows != gates * hidden:
        raise ContractError("recurrent-weights", rows=rows, gates=gates, columns=hidden)
    if steps == 0:
        raise ContractError("sequence-empty")
    track = np.empty_like(x, shape=(steps + 1, size + hidden + 1, n), order="C")
    track[:-1, :size] = _along(x, reverse).swapaxes(1, 2)
    track[0, size:-1] = 0 if h is None else h.T
    track[:, -1] = 1
    return track


def gate(z: Array) -> None:
    """Replace z by 1 / (1 + e^z), the sigmoid of -z; where e^z overflows, it is 0."""
    np.exp(z, out=z)
    z += 1
    np.divide(1, z, out=z)


def states(track: Array, hidden: int) -> Array:
    """Return the states of a track, the first one included: (t + 1, hidden, n)."""
    return track[:, -1 - hidden : -1]


def outputs(h: Array, *, reverse: bool) -> tuple[Array, Array]:
    """Return y (t, n, hidden) and the last state (n, hidden), from all states."""
    return _along(h[1:], reverse).swapaxes(1, 2), h[-1].T


def incoming(gy: Array, *, reverse: bool) -> Array:
    """Return the gradient of y as (t, hidden, n), in the order of the steps."""
    return np.ascontiguousarray(_along(gy, reverse).swapaxes(1, 2), like=gy)


def gradients(
    of_x: Array, of_h: Array, gh: Array, track: Array, inputs: Any, into: Any, *, reverse: bool
) -> tuple[Array | None, ...]:
    """Return the gradients of x, w_ih, w_hh, b_ih, b_hh and of the first state.

    Args:
        of_x: gradient (t, gates, n) of W_ih x + b_ih.
        of_h: gradient (t, gates, n) of W_hh h + b_hh; often the same array.
        gh: gradient of the first state, (hidden, n).
        track: the track after the forward pass.
        inputs: w_ih, w_hh, b_ih, b_hh and the first state, as the operation received them.
        into: destinations of the gradients; see `mulle.nn.operation`.
        reverse: whether the steps go backwards.
    """
    w_ih, _, b_ih, b_hh, h = inputs
    size = w_ih.shape[1]
    seen, from_x = _columns(track[:-1]).T, _columns(of_x)
    gw = from_x @ seen
    gw_h = gw if of_h is of_x else _columns(of_h) @ seen
    gx = None
    if into[0] is not SKIP:
        gx = (w_ih.T @ from_x).reshape(size, len(of_x), -1).transpose(1, 2, 0)
        gx = _along(gx, reverse)
    return (
        gx,
        gw[:, :size],
        gw_h[:, size:-1],
        None if b_ih is None else gw[:, -1],
        None if b_hh is None else gw_h[:, -1],
        None if h is None else gh.T,
    )


def in_torch(
    x: Any, w_ih: Any, w_hh: Any, b_ih: Any, b_hh: Any, *first: Any
) -> tuple[list[Any], list[Any]]:
    """Return first states (1, n, hidden) and weights as PyTorch's recurrent functions take them."""
    none = w_ih.new_zeros(len(w_ih))
    zeros = x.new_zeros(1, x.shape[1], w_hh.shape[1])
    weights = [w_ih, w_hh, *(none if b is None else b for b in (b_ih, b_hh))]
    return [zeros if state is None else state[None] for state in first], weights


def onnx_inputs(
    g: Any, w_ih: Any, w_hh: Any, b_ih: Any, b_hh: Any, order: tuple[int, ...]
) -> tuple[Any, Any, Any]:
    """Return W, R and B of ONNX's recurrent operators, whose gates come in another order."""
    hidden = w_hh.type.shape[1]
    rows = np.concatenate([np.arange(hidden) + hidden * gate for gate in order])
    first = g.constant_of(np.array([0]))

    def arranged(w: Any) -> Any:
        return g.gather(w, g.constant_of(rows), axis=0)

    zeros = g.constant_of(np.zeros(len(rows), w_ih.type.dtype))
    biases = [zeros if b is None else arranged(b) for b in (b_ih, b_hh)]
    parts = arranged(w_ih), arranged(w_hh), g.concat(biases, axis=0)
    return tuple(g.unsqueeze(part, first) for part in parts)


def onnx_settings(w_hh: Any, *, reverse: bool) -> dict[str, Any]:
    """Return the attributes of ONNX's recurrent operators."""
    return {
        "hidden_size": w_hh.type.shape[1],
        "direction": "reverse" if reverse else "forward",
    }


def onnx_state(g: Any, h: Any) -> Any:
    """Return a first state (n, hidden) as ONNX takes it, (1, n, hidden)."""
    return None if h is None else g.unsqueeze(h, g.constant_of(np.array([0])))


def onnx_outputs(g: Any, y: Any, *last: Any) -> tuple[Any, ...]:
    """Return ONNX's outputs without their axis of directions."""
    zero, one = (g.constant_of(np.array([axis])) for axis in (0, 1))
    return g.squeeze(y, one), *(g.squeeze(state, zero) for state in last)


def _along(x: Array, reverse: bool) -> Array:  # noqa: FBT001
    return x[::-1] if reverse else x


def _columns(x: Array) -> Array:
    """Reshape (t, rows, n) to (rows, t * n)."""
    return x.swapaxes(0, 1).reshape(x.shape[1], -1)


def lacking(draw: Draw) -> tuple[str, ...]:
    """Return the ONNX evaluators that cannot compute a sample.

    ONNX Runtime's operators take no float64; the reference evaluator runs no sequence backwards and
    gives other shapes.
    """
    return ("reference", "onnxruntime") if draw.dtype is np.float64 else ("reference",)
