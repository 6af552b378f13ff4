"""Sequence to sequence: one recurrent network reads, another writes and attends to the first."""

from __future__ import annotations

from typing import Any

from mulle.nn import functional as F
from mulle.nn.layers import Embedding, Linear
from mulle.nn.networks.rnn import recurrent
from mulle.nn.networks.translator import Translator


class Seq2Seq(Translator):
    """Recurrent encoder and decoder with attention.

    The decoder begins in the encoder's last state. Each of its states attends to all states of the
    encoder (scaled dot products), and the context enters the logits beside the state:

        c_t = sum_s softmax_s(h_t . m_s / sqrt(d)) m_s,   logits_t = W tanh(V [h_t, c_t])

    Args:
        n_source: number of source ids.
        n_target: number of target ids.
        n_embd: width of both embeddings.
        n_hidden: width of the states.
        cell: `rnn`, `lstm` or `gru`.

    Shapes:
        source (n, s) ids, target (n, t) ids -> logits (n, t, n_target)

    Source: Luong et al. 2015, arXiv:1508.04025, section 3.1 (global attention).

    catalogue  lm-attention loss-seq2seq
    """

    def __init__(
        self,
        n_source: int,
        n_target: int,
        *,
        n_embd: int = 32,
        n_hidden: int = 64,
        cell: str = "gru",
    ) -> None:
        self.source_embedding = Embedding(n_source, n_embd)
        self.target_embedding = Embedding(n_target, n_embd)
        self.encoder = recurrent(cell, n_embd, n_hidden)
        self.decoder = recurrent(cell, n_embd, n_hidden)
        self.combine = Linear(2 * n_hidden, n_hidden, bias=False)
        self.head = Linear(n_hidden, n_target)

    def forward(self, source: Any, target: Any) -> Any:
        """Compute the output of the network."""
        memory, last = self.encoder(self.source_embedding(source))  # (n, s, n_hidden)
        states, _ = self.decoder(self.target_embedding(target), last)  # (n, t, n_hidden)
        context = F.scaled_dot_product_attention(states, memory, memory)
        return self.head(F.tanh(self.combine(F.concatenate(states, context, axis=2))))
