"""Recurrent networks that read a sequence: one answer at its end, or one at each step.

For tokens, put an embedding before them:
`Sequential(Embedding(1000, 32), SequenceClassifier(32, 64, 2))`.
"""

from __future__ import annotations

from typing import Any

from mulle.errors import UnknownName
from mulle.nn.layers import GRU, LSTM, RNN, Linear
from mulle.nn.module import Module

CELLS = {"rnn": RNN, "lstm": LSTM, "gru": GRU}


def recurrent(cell: str, n_in: int, n_hidden: int, **settings: Any) -> Module:
    """A recurrent layer by the name of its cell, rows first.

    Raises:
        UnknownName: there is no such cell.
    """
    if cell not in CELLS:
        raise UnknownName("cell-unknown", "recurrent-cell", cell, CELLS)
    layer: Module = CELLS[cell](n_in, n_hidden, batch_first=True, **settings)
    return layer


class SequenceClassifier(Module):
    """Many to one: read all steps, answer from the last state.

    Args:
        n_in: features at each step.
        n_hidden: width of the state.
        n_out: logits or numbers at the end.
        cell: `rnn`, `lstm` or `gru`.
        n_layers: recurrent layers one above another.
        dropout: share dropped between those layers.

    Shapes:
        x (n, t, n_in) -> y (n, n_out)

    Raises:
        UnknownName: there is no such cell.

    catalogue  net-rnn-m2o
    """

    def __init__(
        self,
        n_in: int,
        n_hidden: int,
        n_out: int,
        *,
        cell: str = "lstm",
        n_layers: int = 1,
        dropout: float = 0.0,
    ) -> None:
        self.rnn = recurrent(cell, n_in, n_hidden, num_layers=n_layers, dropout=dropout)
        self.head = Linear(n_hidden, n_out)

    def forward(self, x: Any) -> Any:
        """Compute."""
        states, _ = self.rnn(x)  # (n, t, n_hidden)
        return self.head(states[:, -1])


class SequenceTagger(Module):
    """Many to many: an answer at each step; in both directions, one that knows what follows.

    Args:
        n_in: features at each step.
        n_hidden: width of the state.
        n_out: logits or numbers at each step.
        cell: `rnn`, `lstm` or `gru`.
        n_layers: recurrent layers one above another.
        bidirectional: read from the end too; not for a model that is to foresee the next step.
        dropout: share dropped between those layers.

    Shapes:
        x (n, t, n_in) -> y (n, t, n_out)

    Raises:
        UnknownName: there is no such cell.

    catalogue  net-rnn-m2m
    """

    def __init__(
        self,
        n_in: int,
        n_hidden: int,
        n_out: int,
        *,
        cell: str = "lstm",
        n_layers: int = 1,
        bidirectional: bool = False,
        dropout: float = 0.0,
    ) -> None:
        self.rnn = recurrent(
            cell,
            n_in,
            n_hidden,
            num_layers=n_layers,
            bidirectional=bidirectional,
            dropout=dropout,
        )
        self.head = Linear(n_hidden * (1 + bidirectional), n_out)

    def forward(self, x: Any) -> Any:
        """Compute."""
        states, _ = self.rnn(x)
        return self.head(states)
