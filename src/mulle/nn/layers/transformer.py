"""The Transformer: layers of attention and of small networks, with residual connections.

Names and arguments are PyTorch's, so that weights travel both ways.

source  Vaswani et al. 2017, arXiv:1706.03762; Xiong et al. 2020, arXiv:2002.04745 (norm first)
catalogue  lm-transformer
"""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from typing import Any

import numpy as np

from mulle.errors import UnknownName
from mulle.nn import init
from mulle.nn.layers.attention import MultiheadAttention
from mulle.nn.layers.dropout import Dropout
from mulle.nn.layers.linear import Linear
from mulle.nn.layers.norm import LayerNorm
from mulle.nn.module import Module
from mulle.nn.ops import OPS

Activation = str | Callable[[Any], Any]
ACTIVATIONS = ("gelu", "relu")


class TransformerEncoderLayer(Module):
    """Self-attention, then a network at each position, each with a residual sum and a norm.

    Args:
        d_model: number of features of x.
        nhead: number of attention heads.
        dim_feedforward: number of hidden units of the network.
        dropout: share dropped in training, of attention weights, units, and both sums; 0 to 1.
        activation: "relu", "gelu", or a function.
        layer_norm_eps: eps of the normalizations.
        batch_first: whether x is (n, t, d_model) rather than (t, n, d_model).
        norm_first: whether to normalize the input of each part instead of the sum after it.
        bias: whether to add learned biases.

    Raises:
        UnknownName: there is no such activation.
    """

    def __init__(
        self,
        d_model: int,
        nhead: int,
        dim_feedforward: int = 2048,
        dropout: float = 0.1,
        activation: Activation = "relu",
        layer_norm_eps: float = 1e-5,
        batch_first: bool = False,
        norm_first: bool = False,
        bias: bool = True,
    ) -> None:
        self.self_attn = MultiheadAttention(
            d_model, nhead, dropout, bias=bias, batch_first=batch_first
        )
        self.linear1 = Linear(d_model, dim_feedforward, bias=bias)
        self.dropout = Dropout(dropout)
        self.linear2 = Linear(dim_feedforward, d_model, bias=bias)
        self.norm1 = LayerNorm(d_model, layer_norm_eps, bias=bias)
        self.norm2 = LayerNorm(d_model, layer_norm_eps, bias=bias)
        self.dropout1, self.dropout2 = Dropout(dropout), Dropout(dropout)
        self.norm_first, self.activation = norm_first, _check_activation(activation)

    def forward(
        self,
        src: Any,
        src_mask: Any = None,
        src_key_padding_mask: Any = None,
        *,
        is_causal: bool = False,
    ) -> Any:
        """Compute the output; masks as in `MultiheadAttention`."""

        def attend(x: Any) -> Any:
            settings = {"attn_mask": src_mask, "is_causal": is_causal and src_mask is None}
            return self.dropout1(self.self_attn(x, x, x, src_key_padding_mask, **settings)[0])

        x = _residual(src, attend, self.norm1, first=self.norm_first)
        return _residual(x, self._feed_forward, self.norm2, first=self.norm_first)

    def _feed_forward(self, x: Any) -> Any:
        units = self.dropout(_apply_activation(self.linear1(x), self.activation))
        return self.dropout2(self.linear2(units))


class TransformerDecoderLayer(Module):
    """Self-attention, attention to an encoder's output, then a network at each position.

    Arguments as in `TransformerEncoderLayer`."""

    def __init__(
        self,
        d_model: int,
        nhead: int,
        dim_feedforward: int = 2048,
        dropout: float = 0.1,
        activation: Activation = "relu",
        layer_norm_eps: float = 1e-5,
        batch_first: bool = False,
        norm_first: bool = False,
        bias: bool = True,
    ) -> None:
        heads: dict[str, Any] = {"bias": bias, "batch_first": batch_first}
        self.self_attn = MultiheadAttention(d_model, nhead, dropout, **heads)
        self.multihead_attn = MultiheadAttention(d_model, nhead, dropout, **heads)
        self.linear1 = Linear(d_model, dim_feedforward, bias=bias)
        self.dropout = Dropout(dropout)
        self.linear2 = Linear(dim_feedforward, d_model, bias=bias)
        self.norm1 = LayerNorm(d_model, layer_norm_eps, bias=bias)
        self.norm2 = LayerNorm(d_model, layer_norm_eps, bias=bias)
        self.norm3 = LayerNorm(d_model, layer_norm_eps, bias=bias)
        self.dropout1, self.dropout2 = Dropout(dropout), Dropout(dropout)
        self.dropout3 = Dropout(dropout)
        self.norm_first, self.activation = norm_first, _check_activation(activation)

    def forward(
        self,
        tgt: Any,
        memory: Any,
        tgt_mask: Any = None,
        memory_mask: Any = None,
        tgt_key_padding_mask: Any = None,
        memory_key_padding_mask: Any = None,
        *,
        tgt_is_causal: bool = False,
    ) -> Any:
        """Compute the output; memory is the encoder's output, masks as in `MultiheadAttention`."""

        def attend(x: Any) -> Any:
            settings = {"attn_mask": tgt_mask, "is_causal": tgt_is_causal and tgt_mask is None}
            return self.dropout1(self.self_attn(x, x, x, tgt_key_padding_mask, **settings)[0])

        def look_up(x: Any) -> Any:
            y, _ = self.multihead_attn(
                x, memory, memory, memory_key_padding_mask, attn_mask=memory_mask
            )
            return self.dropout2(y)

        x = _residual(tgt, attend, self.norm1, first=self.norm_first)
        x = _residual(x, look_up, self.norm2, first=self.norm_first)
        return _residual(x, self._feed_forward, self.norm3, first=self.norm_first)

    def _feed_forward(self, x: Any) -> Any:
        units = self.dropout(_apply_activation(self.linear1(x), self.activation))
        return self.dropout3(self.linear2(units))


class _Stack(Module):
    """Stack copies of a layer, with an optional normalization at the end."""

    def __init__(self, layer: Module, num_layers: int, norm: Module | None = None) -> None:
        self.layers = [deepcopy(layer) for _ in range(num_layers)]
        self.num_layers, self.norm = num_layers, norm

    def forward(self, x: Any, *others: Any, **masks: Any) -> Any:
        """Compute the output; further arguments are passed to every layer."""
        for layer in self.layers:
            x = layer(x, *others, **masks)
        return x if self.norm is None else self.norm(x)


class TransformerEncoder(_Stack):
    """Stack copies of a `TransformerEncoderLayer`.

    Args:
        layer: layer to copy.
        num_layers: number of copies.
        norm: layer applied to the output of the last copy, usually a `LayerNorm`.
    """


class TransformerDecoder(_Stack):
    """Stack copies of a `TransformerDecoderLayer`; arguments as in `TransformerEncoder`."""


class Transformer(Module):
    """Encoder that reads a source, and decoder that writes a target while attending to it.

    Args:
        d_model: number of features of source and target.
        nhead: number of heads of each attention.
        num_encoder_layers: number of layers of the encoder.
        num_decoder_layers: number of layers of the decoder.
        settings: further arguments of each layer; see `TransformerEncoderLayer`.
    """

    def __init__(
        self,
        d_model: int = 512,
        nhead: int = 8,
        num_encoder_layers: int = 6,
        num_decoder_layers: int = 6,
        *layer: Any,
        **settings: Any,
    ) -> None:
        eps, bias = settings.get("layer_norm_eps", 1e-5), settings.get("bias", True)
        self.encoder = TransformerEncoder(
            TransformerEncoderLayer(d_model, nhead, *layer, **settings),
            num_encoder_layers,
            LayerNorm(d_model, eps, bias=bias),
        )
        self.decoder = TransformerDecoder(
            TransformerDecoderLayer(d_model, nhead, *layer, **settings),
            num_decoder_layers,
            LayerNorm(d_model, eps, bias=bias),
        )
        for p in self.parameters():
            if p.ndim > 1:
                p.data[...] = init.xavier_uniform(p.shape)

    def forward(
        self,
        src: Any,
        tgt: Any,
        src_mask: Any = None,
        tgt_mask: Any = None,
        memory_mask: Any = None,
        src_key_padding_mask: Any = None,
        tgt_key_padding_mask: Any = None,
        memory_key_padding_mask: Any = None,
        *,
        src_is_causal: bool = False,
        tgt_is_causal: bool = False,
    ) -> Any:
        """Compute the output; masks as in `MultiheadAttention`."""
        memory = self.encoder(src, src_mask, src_key_padding_mask, is_causal=src_is_causal)
        return self.decoder(
            tgt,
            memory,
            tgt_mask,
            memory_mask,
            tgt_key_padding_mask,
            memory_key_padding_mask,
            tgt_is_causal=tgt_is_causal,
        )

    @staticmethod
    def generate_square_subsequent_mask(size: int) -> np.ndarray:
        """Return a mask with -infinity where a position would look at a later one, 0 elsewhere.

        >>> Transformer.generate_square_subsequent_mask(2).tolist()
        [[0.0, -inf], [0.0, 0.0]]
        """
        return np.triu(np.full((size, size), -np.inf, np.float32), 1)


def _residual(x: Any, part: Callable[[Any], Any], norm: Module, *, first: bool) -> Any:
    """Compute x + part(norm(x)), or norm(x + part(x))."""
    return OPS["add"](x, part(norm(x))) if first else norm(OPS["add"](x, part(x)))


def _check_activation(activation: Activation) -> Activation:
    if isinstance(activation, str) and activation not in ACTIVATIONS:
        raise UnknownName("activation-unknown", "activation", activation, ACTIVATIONS)
    return activation


def _apply_activation(x: Any, activation: Activation) -> Any:
    return OPS[activation](x) if isinstance(activation, str) else activation(x)
