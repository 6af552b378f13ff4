"""Attention: y = softmax(q k' / sqrt(d) + mask) v, each row of q over the rows of k.

With p the softmax and u = gy v' : gv = p' gy, gs = p (u - sum(gy y)), gq = gs k / sqrt(d),
gk = gs' q / sqrt(d).

p is never divided by its row's total r: y = e v / r, and the gradients take gy / r. Where the
scores lie close together, one shift for all of them keeps e^s from overflowing, and rows need no
maximum each. A row whose keys are all masked gives 0. A mask of booleans is True where a key
counts.

shapes  q (..., t, d), k (..., s, d), v (..., s, e), mask (*)? mask -> y (..., t, e)
source  Vaswani et al. 2017, arXiv:1706.03762, eq. 1;
        Dao et al. 2022, arXiv:2205.14135, appendix B.2 (the gradient by gy y)
catalogue  lm-attention
"""

import math
from collections.abc import Iterator
from typing import Any

import numpy as np

from mulle.nn import parallel, products
from mulle.nn.arrays import Array
from mulle.nn.operation import Draw, Sample
from mulle.nn.ops._onnx import ids, number
from mulle.nn.randomness import generator
from mulle.nn.shapes import ContractError

_CLOSE = 60.0  # e^-60 is far from 0 in float32

POSITIONAL = ("dropout_p", "is_causal", "scale", "enable_gqa")


def forward(
    q: Array,
    k: Array,
    v: Array,
    mask: Array | None = None,
    *,
    is_causal: bool = False,
    dropout_p: float = 0.0,
) -> tuple[Array, Any]:
    if is_causal and mask is not None:
        raise ContractError("attention-mask-twice")
    scale = 1 / math.sqrt(q.shape[-1])
    e = np.empty_like(q, shape=(*q.shape[:-1], k.shape[-2]), order="C")
    total = np.empty_like(e, shape=(*e.shape[:-1], 1))
    y = np.empty_like(e, shape=(*q.shape[:-1], v.shape[-1]))
    mask = None if mask is None else np.broadcast_to(_as_floats(mask, e), e.shape)
    kept = _draw_kept(e, dropout_p) if dropout_p else None

    def attend(at: Any) -> None:
        # y = e v / total, e = e^(scale q k' + mask), total = the sums of its rows
        np.matmul(q[at] * scale, k[at].swapaxes(-1, -2), out=e[at])
        _exponentials(e[at], None if mask is None else mask[at], is_causal)
        np.matmul(e[at], np.ones_like(e, shape=(e.shape[-1], 1)), out=total[at])
        total[at] += total[at] == 0
        np.matmul(e[at] if kept is None else e[at] * kept[at], v[at], out=y[at])
        y[at] /= total[at]

    products.share(attend, _parts(e), e.size * q.shape[-1])
    return y, (q, k, v, e, total, y, kept, scale)


def _parts(e: Array) -> list[tuple[Any]]:
    """Return the tiles along the first axis, which q, k and v share; all at once without one."""
    if e.ndim < 3 or not isinstance(e, np.ndarray):
        return [(...,)]
    return parallel.cuts(len(e), math.prod(e.shape[1:]))


def _as_floats(mask: Array, like: Array) -> Array:
    """Turn booleans, True where a key counts, into what is added to scores."""
    if mask.dtype.kind == "f":
        return mask
    return np.where(mask, like.dtype.type(0), like.dtype.type(-np.inf))


def _draw_kept(e: Array, dropout_p: float) -> Array:
    """Return which scores dropout keeps, scaled."""
    drawn = np.asarray(generator().random(e.shape, np.float32), like=e)
    kept = (drawn >= dropout_p).astype(e.dtype)
    kept *= 1 / (1 - dropout_p)
    return kept


def _exponentials(s: Array, mask: Array | None, is_causal: bool) -> None:  # noqa: FBT001
    """Replace s by e^(s + mask - shift)."""
    if mask is not None:
        s += mask
    highest = s.max() if s.size else 0
    if mask is None and s.size and highest - s.min() < _CLOSE:
        s -= highest
        np.exp(s, out=s)
        if is_causal:
            s *= np.tri(*s.shape[-2:], dtype=s.dtype, like=s)
        return
    if is_causal:
        s += _upper(s)
    highest = s.max(axis=-1, keepdims=True, initial=-np.finfo(s.dtype).max)
    s -= highest
    np.exp(s, out=s)


def _upper(s: Array) -> Array:
    """Return a mask with -inf where a key comes after its query."""
    return np.triu(np.full_like(s, -np.inf, shape=s.shape[-2:]), 1)


def backward(gy: Array, saved: Any) -> tuple[Array, Array, Array]:
    q, k, v, e, total, y, kept, scale = saved
    gq, gk, gv = np.empty_like(q), np.empty_like(k), np.empty_like(v)

    def attend(at: Any) -> None:
        # p = e / total;  gv = p' gy;  gs = p * (gy v' - sum(gy * y));  gq = scale gs k;  gk = gs' q
        through = (gy[at] * y[at]).sum(axis=-1, keepdims=True)
        part = gy[at] / total[at]
        gs = part @ v[at].swapaxes(-1, -2)
        if kept is not None:
            gs *= kept[at]
        weights = e[at] if kept is None else e[at] * kept[at]
        np.matmul(weights.swapaxes(-1, -2), part, out=gv[at])
        gs -= through / total[at]
        gs *= e[at]
        gs *= scale
        np.matmul(gs, k[at], out=gq[at])
        np.matmul(gs.swapaxes(-1, -2), q[at], out=gk[at])

    products.share(attend, _parts(e), e.size * q.shape[-1])
    return gq, gk, gv


def torch_forward(torch: Any, q: Any, k: Any, v: Any, mask: Any = None, **settings: Any) -> Any:
    return torch.nn.functional.scaled_dot_product_attention(q, k, v, mask, **settings)


def to_onnx(
    g: Any,
    q: Any,
    k: Any,
    v: Any,
    mask: Any = None,
    *,
    is_causal: bool = False,
    dropout_p: float = 0.0,
) -> Any:
    dtype, rank = q.type.dtype, len(q.type.shape)
    scale = g.constant_of(np.array(1 / math.sqrt(q.type.shape[-1]), dtype))
    turned = g.transpose(k, perm=(*range(rank - 2), rank - 1, rank - 2))
    s = g.matmul(g.mul(q, scale), turned)
    if is_causal:
        lengths = g.concat([g.slice(g.shape(x), ids(g, -2), ids(g, -1)) for x in (q, k)], axis=0)
        mask = g.trilu(
            g.expand(number(g, -np.inf, s), lengths), g.constant_of(np.array(1)), upper=1
        )
    if mask is None:
        return g.matmul(g.softmax(s, axis=-1), v)
    if np.dtype(mask.type.dtype).kind == "b":
        mask = g.where(mask, number(g, 0, s), number(g, -np.inf, s))
    p = g.softmax(g.add(s, mask), axis=-1)
    p = g.where(g.isnan(p), g.constant_of(np.array(0, dtype)), p)
    return g.matmul(p, v)


def samples(draw: Draw) -> Iterator[Sample]:
    q, k, v = draw.normal(2, 3, 5, 4), draw.normal(2, 3, 6, 4), draw.normal(2, 3, 6, 2)
    some: Array = np.where(draw.normal(2, 1, 5, 6) > 0.5, -np.inf, 0).astype(draw.dtype)
    some[0, 0, 0] = -np.inf
    yield Sample((q, k, v))
    yield Sample((q, k, v, draw.normal(5, 6)))
    yield Sample((q, k, v, some))
    yield Sample((q, k, v, some == 0))
    yield Sample((draw.normal(5, 4), draw.normal(5, 4), draw.normal(5, 4)), {"is_causal": True})
    yield Sample((40 * q, k[:, :, :5], v[:, :, :5]), {"is_causal": True})
    yield Sample((40 * q, 40 * k, v))
    yield Sample((draw.normal(0, 5, 4), draw.normal(0, 6, 4), draw.normal(0, 6, 4)))
    yield Sample((q, draw.normal(2, 3, 6, 5), v), refused="k (..., s, d)")
    yield Sample((q, k, v, draw.normal(5, 6)), {"is_causal": True}, refused="mask (*)?")
    yield Sample((q, k, v, draw.normal(4, 6)), refused="mask (*)?")
