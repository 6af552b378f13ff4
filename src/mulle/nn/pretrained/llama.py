"""Llama: a decoder with turned positions, shared key heads and gated networks.

    y = x + attention(norm(x));  z = y + down(silu(gate(norm(y))) * up(norm(y)))

Source: Touvron et al. 2023, arXiv:2302.13971; Su et al. 2021, arXiv:2104.09864 (rotary positions);
Shazeer 2020, arXiv:2002.05202 (SwiGLU).

catalogue  lm-transformer
"""

from __future__ import annotations

from typing import Any

import numpy as np

from mulle.errors import DataError
from mulle.nn import functional as F
from mulle.nn.layers import Embedding, Linear, RMSNorm
from mulle.nn.module import Module
from mulle.nn.pretrained.architecture import Architecture
from mulle.nn.pretrained.blocks import ACTIVATIONS, Attention
from mulle.nn.pretrained.config import Config
from mulle.nn.tensor import Buffer

MOST_POSITIONS = 8_192  # rows of the tables of waves; longer sequences are refused


class Rotary(Module):
    """Turn each pair of features by an angle that grows with the position.

    With a_j = theta^(-2j/d) and p the position, (x_j, x_{j + d/2}) is turned by p a_j:
    y = x cos(p a) + turned(x) sin(p a), turned(x) = (-x_{second half}, x_{first half}).

    Args:
        size: features of a head, d.
        positions: longest sequence.
        theta: the base.

    Source: Su et al. 2021, arXiv:2104.09864, eq. 34, with halves instead of neighbours.
    """

    def __init__(self, size: int, positions: int, theta: float) -> None:
        a = 1.0 / theta ** (np.arange(0, size, 2, dtype=np.float32) / size)
        angles = np.outer(np.arange(positions, dtype=np.float32), a.astype(np.float32))
        both = np.concatenate([angles, angles], axis=-1)  # (positions, size)
        self.cos, self.sin = Buffer(np.cos(both)), Buffer(np.sin(both))
        self.half = size // 2

    def forward(self, x: Any, ids: Any) -> Any:
        """Turn x (n, heads, t, size); ids (n, t) tell the length."""
        first, second = x[..., : self.half], x[..., self.half :]
        turned = F.concatenate(-second, first, axis=-1)
        cos = F.position_embedding(ids, self.cos)
        return x * cos + turned * F.position_embedding(ids, self.sin)


class LlamaBlock(Module):
    """Attention to earlier positions, then a gated network, each behind an RMS normalization.

    Shapes:
        x (n, t, width) -> y (n, t, width)
    """

    def __init__(self, config: Config, attention: Attention) -> None:
        width, hidden = config.number("hidden_size"), config.number("intermediate_size")
        eps, bias = config.real("rms_norm_eps", 1e-6), bool(config.values.get("mlp_bias", False))
        self.attention = attention
        self.norm1, self.norm2 = RMSNorm(width, eps), RMSNorm(width, eps)
        self.gate, self.up = Linear(width, hidden, bias=bias), Linear(width, hidden, bias=bias)
        self.down = Linear(hidden, width, bias=bias)
        self.activation = config.activation("hidden_act", "silu")

    def forward(self, x: Any, turn: Any) -> Any:
        """Compute the output of the layer."""
        x = x + self.attention(self.norm1(x), is_causal=True, turn=turn)
        h = self.norm2(x)
        return x + self.down(ACTIVATIONS[self.activation](self.gate(h)) * self.up(h))


class Llama(Module):
    """Decoder-only Transformer: tokens, blocks, norm, logits.

    Shapes:
        ids (n, t) int -> logits (n, t, vocab_size)
    """

    def __init__(self, config: Config) -> None:
        width, heads = config.number("hidden_size"), config.number("num_attention_heads")
        size = config.number("head_dim", width // max(heads, 1))
        bias = bool(config.values.get("attention_bias", False))
        self.longest = min(config.number("max_position_embeddings", 2048), MOST_POSITIONS)
        self.tokens = Embedding(config.number("vocab_size"), width)
        self.rotary = Rotary(size, self.longest, _theta(config))
        self.blocks = [
            LlamaBlock(
                config,
                Attention(
                    width,
                    heads,
                    key_heads=config.number("num_key_value_heads", heads),
                    size=size,
                    bias=bias,
                    out_bias=bias,
                ),
            )
            for _ in range(config.number("num_hidden_layers"))
        ]
        self.norm = RMSNorm(width, config.real("rms_norm_eps", 1e-6))
        tied = bool(config.values.get("tie_word_embeddings", False))
        self.head = None if tied else Linear(width, config.number("vocab_size"), bias=False)

    def forward(self, ids: Any) -> Any:
        """Compute the output of the network.

        Raises:
            DataError: the sequence is longer than the table of positions.
        """
        x = self.tokens(ids)
        for block in self.blocks:
            x = block(x, lambda heads: self.rotary(heads, ids))
        x = self.norm(x)
        return self.head(x) if self.head else F.linear(x, self.tokens.weight)


def _theta(config: Config) -> float:
    """Return the base of the angles: since version 5 of transformers it stands in a table.

    Raises:
        DataError: positions are stretched, which the engine does not compute.
    """
    scaling = config.values.get("rope_parameters") or config.values.get("rope_scaling") or {}
    sort = scaling.get("rope_type", scaling.get("type", "default")) if scaling else "default"
    if sort != "default":
        raise DataError("pretrained-setting", where=config.where, setting="rope_scaling",
                        value=repr(sort), allowed=["default"])  # fmt: skip
    return Config({"rope_theta": config.values.get("rope_theta"), **scaling}, config.where).real(
        "rope_theta", 10_000.0
    )


LLAMA = Architecture(
    "Llama",
    "decoder",
    Llama,
    {
        "tokens": "embed_tokens",
        "norm": "norm",
        "blocks.{i}.attention.query": "layers.{i}.self_attn.q_proj",
        "blocks.{i}.attention.key": "layers.{i}.self_attn.k_proj",
        "blocks.{i}.attention.value": "layers.{i}.self_attn.v_proj",
        "blocks.{i}.attention.out": "layers.{i}.self_attn.o_proj",
        "blocks.{i}.norm1": "layers.{i}.input_layernorm",
        "blocks.{i}.norm2": "layers.{i}.post_attention_layernorm",
        "blocks.{i}.gate": "layers.{i}.mlp.gate_proj",
        "blocks.{i}.up": "layers.{i}.mlp.up_proj",
        "blocks.{i}.down": "layers.{i}.mlp.down_proj",
        "head": "lm_head",
    },
    ("model.", ""),
)
