"""Multi-head attention."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from mulle.errors import UsageError
from mulle.nn import init
from mulle.nn.layers._settings import refuse_settings
from mulle.nn.layers.linear import Linear
from mulle.nn.module import Module
from mulle.nn.ops import OPS
from mulle.nn.tensor import Parameter


class MultiheadAttention(Module):
    """Attend with several heads, each on its own part of the features, and mix their outputs.

    Args:
        embed_dim: number of features of queries, keys, values and outputs.
        num_heads: number of heads; must divide embed_dim.
        dropout: share of the attention weights dropped in training, 0 to 1.
        bias: whether the projections have biases.
        batch_first: whether arrays are (n, t, embed_dim) rather than (t, n, embed_dim).

    Raises:
        UsageError: the heads do not divide the features.

    Source: Vaswani et al. 2017, arXiv:1706.03762, section 3.2.2.

    catalogue  lm-attention
    """

    def __init__(
        self,
        embed_dim: int,
        num_heads: int,
        dropout: float = 0.0,
        bias: bool = True,
        add_bias_kv: bool = False,
        add_zero_attn: bool = False,
        kdim: int | None = None,
        vdim: int | None = None,
        batch_first: bool = False,
    ) -> None:
        refuse_settings(
            self,
            add_bias_kv=add_bias_kv,
            add_zero_attn=add_zero_attn,
            kdim=kdim not in (None, embed_dim),
            vdim=vdim not in (None, embed_dim),
        )
        if embed_dim % num_heads:
            raise UsageError("attention-heads", heads=num_heads, features=embed_dim)
        self.embed_dim, self.num_heads, self.dropout = embed_dim, num_heads, dropout
        self.batch_first = batch_first
        self.in_proj_weight = Parameter(init.xavier_uniform((3 * embed_dim, embed_dim)))
        self.in_proj_bias = Parameter(np.zeros(3 * embed_dim, np.float32)) if bias else None
        self.out_proj = Linear(embed_dim, embed_dim, bias=bias)
        if self.out_proj.bias is not None:
            self.out_proj.bias.data[...] = 0

    def forward(
        self,
        query: Any,
        key: Any,
        value: Any,
        key_padding_mask: Any = None,
        *,
        need_weights: bool = False,
        attn_mask: Any = None,
        is_causal: bool = False,
    ) -> tuple[Any, Any]:
        """Compute the output of the layer.

        Args:
            query: (t, n, embed_dim).
            key: (s, n, embed_dim).
            value: (s, n, embed_dim).
            key_padding_mask: (n, s), True where a key is ignored; or floats added to the scores.
            need_weights: whether to compute the weights too, as their mean over heads.
            attn_mask: (t, s) or (n * num_heads, t, s), True where a query must not look; or
                floats added to the scores.
            is_causal: whether queries must not look at later keys.

        Returns:
            y: (t, n, embed_dim).
            weights: (n, t, s) without dropout; None unless `need_weights`.
        """
        q, k, v = self._heads(query, key, value)
        mask = self._mask(attn_mask, key_padding_mask)
        if is_causal and (mask is not None or need_weights):
            mask, is_causal = _combine(mask, _causal_mask(q.shape[-2], k.shape[-2])), False
        y = OPS["scaled_dot_product_attention"](
            q, k, v, mask, is_causal=is_causal, dropout_p=self.dropout if self.training else 0.0
        )
        y = self.out_proj(self._merge_heads(y))
        return y, self._weights(q, k, mask) if need_weights else None

    def _heads(self, query: Any, key: Any, value: Any) -> list[Any]:
        """Return q, k and v as (n, heads, t, features), by one product where they share x."""
        weight, bias = self.in_proj_weight, self.in_proj_bias
        if query is key and key is value:
            return self._projected(query, weight, bias)
        cuts = [slice(i * self.embed_dim, (i + 1) * self.embed_dim) for i in range(3)]
        return [
            self._projected(x, weight[cut], None if bias is None else bias[cut], i)[0]
            for i, (x, cut) in enumerate(zip((query, key, value), cuts, strict=True))
        ]

    def _projected(self, x: Any, weight: Any, bias: Any, first: int = 0) -> list[Any]:
        """Return the parts that some rows of the weight give, of which the first has a number."""
        return self._by_heads(OPS["linear"](x, weight, bias), x, weight.shape[0] // self.embed_dim)

    def _by_heads(self, y: Any, x: Any, parts: int) -> list[Any]:
        """Split what was projected from x into its parts (n, heads, t, features)."""
        features = self.embed_dim // self.num_heads
        places = (-1, x.shape[1]) if self.batch_first else (x.shape[0], -1)
        y = OPS["reshape"](y, shape=(*places, parts, self.num_heads, features))
        if not self.batch_first:
            y = OPS["transpose"](y, first=0, second=1)
        return [OPS["transpose"](p, first=1, second=2) for p in OPS["unbind"](y, axis=2)]

    def _merge_heads(self, y: Any) -> Any:
        """Reshape (n, heads, t, features) to (n, t, embed_dim) or (t, n, embed_dim)."""
        steps = y.shape[2]
        y = OPS["transpose"](y, first=1, second=2)
        if self.batch_first:
            return OPS["reshape"](y, shape=(-1, steps, self.embed_dim))
        y = OPS["transpose"](y, first=0, second=1)
        return OPS["reshape"](y, shape=(steps, -1, self.embed_dim))

    def _mask(self, attn_mask: Any, key_padding_mask: Any) -> Any:
        """Return what is added to the scores (n, heads, t, s), or None."""
        if attn_mask is not None:
            attn_mask = _additive(attn_mask)
            if len(attn_mask.shape) == 3:
                shape = (-1, self.num_heads, *attn_mask.shape[1:])
                attn_mask = OPS["reshape"](attn_mask, shape=shape)
        if key_padding_mask is not None:
            index = (slice(None), None, None)  # (n, 1, 1, s)
            key_padding_mask = OPS["getitem"](_additive(key_padding_mask), index=index)
        return _combine(attn_mask, key_padding_mask)

    def _weights(self, q: Any, k: Any, mask: Any) -> Any:
        scores = OPS["matmul"](
            OPS["multiply"](q, 1 / math.sqrt(q.shape[-1])), OPS["transpose"](k, first=-1, second=-2)
        )
        scores = scores if mask is None else OPS["add"](scores, mask)
        return OPS["mean"](OPS["softmax"](scores, axis=-1), axis=1)


def _additive(mask: Any) -> Any:
    """Turn a mask into one that can be added: True becomes -infinity."""
    if "bool" not in str(mask.dtype):
        return mask
    forbidden, free = np.array(-np.inf, np.float32), np.array(0, np.float32)
    return OPS["where"](mask, forbidden, free)


def _combine(a: Any, b: Any) -> Any:
    """Combine two masks."""
    if a is None or b is None:
        return b if a is None else a
    return OPS["add"](a, b)


def _causal_mask(steps: int, keys: int) -> np.ndarray:
    """Return a mask with -infinity where a key comes after its query."""
    return np.triu(np.full((steps, keys), -np.inf, np.float32), 1)
