"""GPT: predict the next token from those before it."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from mulle.nn import functional as F
from mulle.nn import init
from mulle.nn.export import inference
from mulle.nn.layers import Dropout, Embedding, LayerNorm, Linear, MultiheadAttention
from mulle.nn.module import Module
from mulle.nn.networks._tokens import check_length, token_loss
from mulle.nn.networks.decoding import beam_search, generate
from mulle.nn.tensor import as_numpy, no_grad


class Block(Module):
    """Transformer block: x + attention(norm(x)) over earlier positions, then x + mlp(norm(x)).

    Its parameters are named as in a `torch.nn.TransformerEncoderLayer` with `norm_first=True`.

    Shapes:
        x (n, t, n_embd) -> y (n, t, n_embd)
    """

    def __init__(self, n_embd: int, n_head: int, dropout: float) -> None:
        self.self_attn = MultiheadAttention(n_embd, n_head, dropout=dropout, batch_first=True)
        self.linear1 = Linear(n_embd, 4 * n_embd)
        self.linear2 = Linear(4 * n_embd, n_embd)
        self.norm1, self.norm2 = LayerNorm(n_embd), LayerNorm(n_embd)
        self.dropout = Dropout(dropout)

    def forward(self, x: Any) -> Any:
        """Compute the output of the network."""
        h = self.norm1(x)
        attended, _ = self.self_attn(h, h, h, need_weights=False, is_causal=True)
        x = x + self.dropout(attended)
        h = F.gelu(self.linear1(self.norm2(x)), approximate="tanh")
        return x + self.dropout(self.linear2(h))


class GPT(Module):
    """Decoder-only Transformer: embeddings of tokens and positions, blocks, norm, logits.

    Args:
        vocab_size: number of token ids.
        block_size: length of the longest sequence.
        n_layer: number of blocks.
        n_head: number of attention heads of each block.
        n_embd: width of the embeddings.
        dropout: share dropped of embeddings, attention weights and outputs of blocks, 0 to 1.
        tied: whether the last layer uses the embedding's weights instead of its own.

    Shapes:
        tokens (n, t) ids -> logits (n, t, vocab_size)

    Source: Radford et al. 2019 (GPT-2); weights begin as N(0, 0.02^2), those that end in the
    residual stream with 0.02 / sqrt(2 n_layer).

    >>> GPT(65, 64, n_layer=4, n_head=4, n_embd=128).n_parameters()
    809856

    catalogue  lm-gpt lm-mingpt lm-transformer
    """

    loss = staticmethod(token_loss)

    def __init__(
        self,
        vocab_size: int,
        block_size: int,
        *,
        n_layer: int = 4,
        n_head: int = 4,
        n_embd: int = 128,
        dropout: float = 0.0,
        tied: bool = True,
    ) -> None:
        self.block_size = block_size
        self.tokens = Embedding(vocab_size, n_embd)
        self.positions = Embedding(block_size, n_embd)
        self.dropout = Dropout(dropout)
        self.blocks = [Block(n_embd, n_head, dropout) for _ in range(n_layer)]
        self.norm = LayerNorm(n_embd)
        self.head = None if tied else Linear(n_embd, vocab_size, bias=False)
        self._begin(n_layer)

    def _begin(self, n_layer: int) -> None:
        for name, p in self.named_parameters():
            if name.endswith("bias"):
                p.data[...] = 0
            elif p.ndim == 2:
                ends = name.endswith(("out_proj.weight", "linear2.weight"))
                p.data[...] = init.normal(p.shape, 0.02 / math.sqrt(2 * n_layer if ends else 1))

    def forward(self, tokens: Any) -> Any:
        """Compute the output of the network.

        Raises:
            DataError: the sequence is longer than `block_size`.
        """
        check_length(tokens.shape[1], self.block_size)
        x = self.tokens(tokens)  # (n, t, n_embd)
        x = x + F.position_embedding(tokens, self.positions.weight)
        x = self.dropout(x)
        for block in self.blocks:
            x = block(x)
        x = self.norm(x)
        return self.head(x) if self.head else F.linear(x, self.tokens.weight)

    def generate(self, tokens: Any, n_new: int, **settings: Any) -> np.ndarray:
        """Continue sequences; `decoding.generate` documents the settings.

        Args:
            tokens: beginnings of the sequences, ids (n, t).
            n_new: number of tokens to add.
            settings: `temperature` (0 is greedy), `top_k`, `top_p`, `stop`.

        Returns:
            ids (n, t + n_new)
        """
        with inference(self), no_grad():
            return generate(self._next_logits, np.asarray(tokens), n_new, **settings)

    def beam_search(
        self, tokens: Any, n_new: int, *, beams: int = 4, stop: int | None = None
    ) -> tuple[np.ndarray, float]:
        """Find a likely continuation of one sequence (t), with its log-probability."""
        with inference(self), no_grad():
            return beam_search(self._next_logits, np.asarray(tokens), n_new, beams=beams, stop=stop)

    def _next_logits(self, tokens: np.ndarray) -> np.ndarray:
        return as_numpy(self(tokens[:, -self.block_size :])[:, -1])
