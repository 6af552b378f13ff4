"""Recurrent layers, stacked and in one direction or both, and single steps of them."""

from __future__ import annotations

from typing import Any, ClassVar

from mulle.nn import init
from mulle.nn.layers.dropout import Dropout
from mulle.nn.module import Module
from mulle.nn.ops import OPS
from mulle.nn.tensor import Parameter


class _Recurrent(Module):
    """Base class of recurrent layers; `LSTM` documents the arguments."""

    operation: ClassVar[str]
    gates: ClassVar[int]
    states: ClassVar[int] = 1

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        bias: bool = True,
        batch_first: bool = False,
        dropout: float = 0.0,
        bidirectional: bool = False,
    ) -> None:
        self.input_size, self.hidden_size, self.num_layers = input_size, hidden_size, num_layers
        self.bias, self.batch_first, self.bidirectional = bias, batch_first, bidirectional
        self.between = Dropout(dropout)
        self.ends = ("", "_reverse") if bidirectional else ("",)
        for layer in range(num_layers):
            size = hidden_size * len(self.ends) if layer else input_size
            for end in self.ends:
                _create_weights(self, f"_l{layer}{end}", size, hidden_size, self.gates, bias=bias)

    def settings(self) -> dict[str, Any]:
        """Return further arguments of the operation."""
        return {}

    def forward(self, x: Any, state: Any = None) -> tuple[Any, Any]:
        """Compute the output of the layer.

        Args:
            x: (t, n, input_size).
            state: initial states (num_layers * directions, n, hidden_size), zeros where None; for
                an LSTM a pair of them, h and c.

        Returns:
            y: (t, n, directions * hidden_size), the states of the last layer.
            state: the final states of all layers, in the shape of the initial ones.
        """
        y = OPS["transpose"](x, first=0, second=1) if self.batch_first else x
        first = [None] * self.states if state is None else state if self.states > 1 else [state]
        last = []
        for layer in range(self.num_layers):
            if layer:
                y = self.between(y)
            y, states = self._layer(y, layer, first)
            last += states
        if self.batch_first:
            y = OPS["transpose"](y, first=0, second=1)
        stacked = tuple(OPS["stack"](*parts) for parts in zip(*last, strict=True))
        return y, stacked if self.states > 1 else stacked[0]

    def _layer(self, x: Any, layer: int, first: Any) -> tuple[Any, list[tuple[Any, ...]]]:
        """Compute outputs and final states of one layer, in all its directions."""
        ys, last = [], []
        for i, end in enumerate(self.ends, start=layer * len(self.ends)):
            weights = _weights(self, f"_l{layer}{end}")
            begin = [None if s is None else OPS["getitem"](s, index=i) for s in first]
            y, *states = OPS[self.operation](
                x, *weights, *begin, reverse=bool(end), **self.settings()
            )
            ys.append(y)
            last.append(tuple(states))
        return OPS["concatenate"](*ys, axis=-1) if len(ys) > 1 else ys[0], last


class RNN(_Recurrent):
    """Elman network: h_t = tanh(W_ih x_t + b_ih + W_hh h_{t-1} + b_hh).

    With nonlinearity="relu", max(0, ...) replaces tanh.

    Other arguments as in `LSTM`; its state is h alone.

    catalogue  net-rnn net-rnn-m2o net-rnn-m2m
    """

    operation, gates = "rnn", 1

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        nonlinearity: str = "tanh",
        *settings: Any,
        **named: Any,
    ) -> None:
        super().__init__(input_size, hidden_size, num_layers, *settings, **named)
        self.nonlinearity = nonlinearity

    def settings(self) -> dict[str, Any]:
        """Return further arguments of the operation."""
        return {"nonlinearity": self.nonlinearity}


class LSTM(_Recurrent):
    """Long short-term memory; its state is a pair (h, c). See the operation `lstm`.

    Args:
        input_size: number of features of x.
        hidden_size: number of features of a state.
        num_layers: number of layers, each on the outputs of the one below.
        bias: whether to add learned biases.
        batch_first: whether x and y are (n, t, features) rather than (t, n, features).
        dropout: share dropped between layers in training, 0 to 1.
        bidirectional: whether each layer reads from both ends; y then has twice the features.

    catalogue  net-lstm
    """

    operation, gates, states = "lstm", 4, 2


class GRU(_Recurrent):
    """Gated recurrent unit; arguments as in `LSTM`, its state is h alone. See the operation `gru`.

    catalogue  net-gru
    """

    operation, gates = "gru", 3


class _Cell(Module):
    """Base class of single steps: x (n, input_size) and a state (n, hidden_size), zeros if None."""

    operation: ClassVar[str]
    gates: ClassVar[int]
    states: ClassVar[int] = 1

    def __init__(self, input_size: int, hidden_size: int, bias: bool = True) -> None:
        self.input_size, self.hidden_size = input_size, hidden_size
        _create_weights(self, "", input_size, hidden_size, self.gates, bias=bias)

    def settings(self) -> dict[str, Any]:
        """Return further arguments of the operation."""
        return {}

    def forward(self, x: Any, state: Any = None) -> Any:
        """Return the next state."""
        first = [None] * self.states if state is None else state if self.states > 1 else [state]
        one_step = OPS["getitem"](x, index=None)
        _, *last = OPS[self.operation](one_step, *_weights(self, ""), *first, **self.settings())
        return tuple(last) if self.states > 1 else last[0]


class RNNCell(_Cell):
    """Compute one step of an `RNN`.

    Args:
        input_size: number of features of x.
        hidden_size: number of features of the state.
        bias: whether to add learned biases.
        nonlinearity: "tanh" or "relu".
    """

    operation, gates = "rnn", 1

    def __init__(
        self, input_size: int, hidden_size: int, bias: bool = True, nonlinearity: str = "tanh"
    ) -> None:
        super().__init__(input_size, hidden_size, bias=bias)
        self.nonlinearity = nonlinearity

    def settings(self) -> dict[str, Any]:
        """Return further arguments of the operation."""
        return {"nonlinearity": self.nonlinearity}


class LSTMCell(_Cell):
    """Compute one step of an `LSTM`; its state is a pair (h, c)."""

    operation, gates, states = "lstm", 4, 2


class GRUCell(_Cell):
    """Compute one step of a `GRU`."""

    operation, gates = "gru", 3


def _create_weights(
    module: Module, name: str, size: int, hidden: int, gates: int, *, bias: bool
) -> None:
    """Create the parameters of one layer in one direction, from U(+-1 / sqrt(hidden))."""
    for kind, columns in (("ih", size), ("hh", hidden)):
        weight = Parameter(init.by_fan_in((gates * hidden, columns), hidden))
        setattr(module, f"weight_{kind}{name}", weight)
    for kind in ("ih", "hh") if bias else ():
        setattr(module, f"bias_{kind}{name}", Parameter(init.by_fan_in((gates * hidden,), hidden)))


def _weights(module: Module, name: str) -> list[Any]:
    """Return the parameters in the order that the operation takes."""
    kinds = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
    return [getattr(module, kind + name, None) for kind in kinds]
