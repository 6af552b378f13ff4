"""A small GPT (4 layers, d 128, 4 heads, context 64, batch 16): one training step in both engines.

OMP_NUM_THREADS=2 python benchmarks/nn_gpt.py [--quick]
"""

from __future__ import annotations

from typing import Any

import as_command  # noqa: F401 - before NumPy

# isort: split
import numpy as np
import torch
from nn_common import Race, report

from mulle import nn
from mulle.nn import functional as F

LAYERS, D, HEADS, CONTEXT, BATCH, VOCABULARY = 4, 128, 4, 64, 16, 65


def gelu(x: Any) -> Any:
    return F.gelu(x, approximate="tanh")


class Net(nn.Module):
    """Learned positions, pre-norm layers, a norm and a linear head."""

    def __init__(self) -> None:
        self.token, self.place = nn.Embedding(VOCABULARY, D), nn.Embedding(CONTEXT, D)
        layer = nn.TransformerEncoderLayer(
            D, HEADS, 4 * D, dropout=0.0, activation=gelu, batch_first=True, norm_first=True
        )
        self.blocks = nn.TransformerEncoder(layer, LAYERS, nn.LayerNorm(D))
        self.head = nn.Linear(D, VOCABULARY)

    def forward(self, ids: Any) -> Any:
        """Compute."""
        x = self.token(ids) + self.place(np.arange(CONTEXT))
        x = self.blocks(x, is_causal=True)
        return self.head(x.reshape(-1, D))


class Attention(torch.nn.Module):
    """As fast as PyTorch can: one product for q, k and v, its fused attention."""

    def __init__(self) -> None:
        super().__init__()
        self.in_proj_weight = torch.nn.Parameter(torch.empty(3 * D, D))
        self.in_proj_bias = torch.nn.Parameter(torch.empty(3 * D))
        self.out_proj = torch.nn.Linear(D, D)

    def forward(self, x: Any) -> Any:
        """Compute."""
        parts = torch.nn.functional.linear(x, self.in_proj_weight, self.in_proj_bias).chunk(3, -1)
        q, k, v = (p.view(*p.shape[:2], HEADS, -1).transpose(1, 2) for p in parts)
        y = torch.nn.functional.scaled_dot_product_attention(q, k, v, is_causal=True)
        return self.out_proj(y.transpose(1, 2).reshape(x.shape))


class Block(torch.nn.Module):
    """One layer in PyTorch, with the names of its TransformerEncoderLayer."""

    def __init__(self) -> None:
        super().__init__()
        self.self_attn = Attention()
        self.linear1, self.linear2 = torch.nn.Linear(D, 4 * D), torch.nn.Linear(4 * D, D)
        self.norm1, self.norm2 = torch.nn.LayerNorm(D), torch.nn.LayerNorm(D)

    def forward(self, x: Any) -> Any:
        """Compute."""
        x = x + self.self_attn(self.norm1(x))
        units = torch.nn.functional.gelu(self.linear1(self.norm2(x)), approximate="tanh")
        return x + self.linear2(units)


class Peer(torch.nn.Module):
    """The same in PyTorch."""

    def __init__(self) -> None:
        super().__init__()
        self.token = torch.nn.Embedding(VOCABULARY, D)
        self.place = torch.nn.Embedding(CONTEXT, D)
        self.blocks = torch.nn.Module()
        self.blocks.layers = torch.nn.ModuleList(Block() for _ in range(LAYERS))
        self.blocks.norm = torch.nn.LayerNorm(D)
        self.head = torch.nn.Linear(D, VOCABULARY)

    def forward(self, ids: Any) -> Any:
        """Compute."""
        x = self.token(ids) + self.place.weight
        for block in self.blocks.layers:
            x = block(x)
        return self.head(self.blocks.norm(x).reshape(-1, D))


def race() -> Race:
    nn.manual_seed(0)
    rng = np.random.default_rng(0)
    ids = rng.integers(VOCABULARY, size=(BATCH, CONTEXT))
    return Race(Net(), Peer(), ids, rng.integers(VOCABULARY, size=BATCH * CONTEXT))


if __name__ == "__main__":
    report("A training step of a GPT (4 layers, d 128, context 64, batch 16)", race(), 50, aim=1.2)
