"""Recurrent networks that read a sequence: one output at its end, or one at each step.

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
    """Return a recurrent layer by the name of its cell, batch first.

    Raises:
        UnknownName: there is no such cell.
    """
    if cell not in CELLS:
        raise UnknownName("cell-unknown", "recurrent-cell", cell, CELLS)
    layer: Module = CELLS[cell](n_in, n_hidden, batch_first=True, **settings)
    return layer


class SequenceClassifier(Module):
    """Many to one: read all steps and compute the output from the last state.

    Args:
        n_in: number of features at each step.
        n_hidden: width of the state.
        n_out: number of outputs: logits or values.
        cell: `rnn`, `lstm` or `gru`.
        n_layers: number of stacked recurrent layers.
        dropout: share dropped between these layers, 0 to 1.

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
        """Compute the output of the network."""
        states, _ = self.rnn(x)  # (n, t, n_hidden)
        return self.head(states[:, -1])


class SequenceTagger(Module):
    """Many to many: compute an output at each step, from one direction or both.

    Args:
        n_in: number of features at each step.
        n_hidden: width of the state.
        n_out: number of outputs at each step: logits or values.
        cell: `rnn`, `lstm` or `gru`.
        n_layers: number of stacked recurrent layers.
        bidirectional: whether to read from the end too; not for predicting the next step.
        dropout: share dropped between these layers, 0 to 1.

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
        """Compute the output of the network."""
        states, _ = self.rnn(x)
        return self.head(states)
