"""Evidence for diagnoses: one forward and backward pass over some rows, looked at closely.

The pass is done in NumPy, where the operations leave nodes behind; a model in PyTorch is copied
over for it. So units are seen whether they are layers or calls such as `F.relu(x)`.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np

from mulle.nn.module import Module
from mulle.nn.optim import Optimizer
from mulle.nn.tensor import Node, Parameter, Tensor, nodes_behind

MAX_ROWS = 256


class Units(NamedTuple):
    """Hold the output of one activation.

    Attributes:
        operation: name of the operation.
        after: name of the parameter whose layer feeds it.
        output: values, for all rows.
        hidden: whether a layer with parameters comes after it.
    """

    operation: str
    after: str
    output: np.ndarray
    hidden: bool


class Weight(NamedTuple):
    """Hold one weight of the network, in the order in which data pass.

    Attributes:
        name: name of the parameter.
        fed: input of its layer; None where it is unknown.
        values: values of the weight.
        gradient: gradient of the weight.
    """

    name: str
    fed: np.ndarray | None
    values: np.ndarray
    gradient: np.ndarray

    @property
    def strength(self) -> float:
        """Root mean square of the gradient."""
        return float(np.sqrt(np.mean(np.square(self.gradient, dtype=np.float64))))


@dataclass
class Evidence:
    """Hold all that the diagnoses look at.

    Attributes:
        units: outputs of the activations.
        weights: parameters of two or more axes that a gradient reached.
        inputs: inputs of the model.
        first: name of the operation that took the first input.
        fed_to_loss: name of the operation before the loss, name of the loss, input of the loss.
        losses: loss of each step.
        epochs: mean loss of each epoch.
        optimizer: optimizer with its state.
        earlier: strengths of the gradients at the first look, by weight.
    """

    units: list[Units]
    weights: list[Weight]
    inputs: list[np.ndarray]
    first: str
    fed_to_loss: tuple[str, str, np.ndarray]
    losses: np.ndarray = field(default_factory=lambda: np.empty(0))
    epochs: np.ndarray = field(default_factory=lambda: np.empty(0))
    optimizer: Optimizer | None = None
    earlier: dict[str, float] = field(default_factory=dict)


def probe(
    model: Module, inputs: list[np.ndarray], target: np.ndarray, loss: Callable[[Any, Any], Any]
) -> Evidence:
    """Run a model on some rows; its parameters, buffers and random numbers stay untouched."""
    if not isinstance(model.parameters()[0], Parameter):
        model = copy.deepcopy(model).to("numpy")
    modes = [(module, module.training) for module in model.modules()]
    model.eval()
    tensors = [Tensor(x) for x in inputs]
    try:
        model.zero_grad()
        with np.errstate(all="ignore"):
            value = loss(model(*tensors), Tensor(target))
            nodes = nodes_behind(value.node)[::-1]
            seen = _trace_nodes(nodes, model, tensors)
            value.backward()
        gradients = {id(p): np.array(p.grad) for p in model.parameters() if p.grad is not None}
    finally:
        for module, mode in modes:
            module.training = mode
        model.zero_grad()
    units, fed, first, fed_to_loss = seen
    names = {id(p): (name, p) for name, p in model.named_parameters()}
    weights = [
        Weight(*_weight_fields(*names[key], x), gradients[key])
        for key, x in fed.items()
        if key in gradients
    ]
    return Evidence(units, weights, inputs, first, fed_to_loss)


def _weight_fields(
    name: str, p: Any, fed: np.ndarray | None
) -> tuple[str, np.ndarray | None, np.ndarray]:
    return name, fed, p.numpy()


def _trace_nodes(nodes: list[Node], model: Module, inputs: list[Tensor]) -> Any:
    """Return units, the input of each weight, the first operation, and the input of the loss."""
    names = {id(p): name for name, p in model.named_parameters()}
    units: list[Units] = []
    fed: dict[int, np.ndarray | None] = {}
    after: dict[int, str] = {}  # node -> the last parameter on the way to it
    first, fed_to_loss = "", ("", "", np.empty(0))
    for node in nodes:
        tensors = [x for x in node.inputs if isinstance(x, Tensor)]
        learned = [x for x in tensors if id(x) in names]
        data = [x for x in tensors if id(x) not in names]
        came = [after.get(id(x.node), "") for x in data if x.node is not None]
        after[id(node)] = names[id(learned[0])] if learned else next(filter(None, came), "")
        for p in learned:
            if p.ndim >= 2:
                fed.setdefault(id(p), data[0].numpy() if data else None)
        for x in data:
            if x.node is not None:
                operation = x.node.operation.name
                units.append(Units(operation, after[id(x.node)], x.numpy(), bool(learned)))
            elif x is inputs[0]:
                first = first or node.operation.name
    last = nodes[-1]
    x = last.inputs[0]
    if isinstance(x, Tensor):
        fed_to_loss = (x.node.operation.name if x.node else "", last.operation.name, x.numpy())
    return units, fed, first, fed_to_loss
