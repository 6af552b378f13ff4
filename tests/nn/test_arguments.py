"""Arguments as in PyTorch: operations and layers take them in its order, and by its names."""

from __future__ import annotations

import inspect
import re
from typing import Any

import numpy as np
import pytest

from mulle import nn
from mulle.errors import MulleError, UsageError
from mulle.nn import Tensor
from mulle.nn import functional as F
from mulle.nn.ops import OPS

torch = pytest.importorskip("torch")

#: PyTorch's settings that are deprecated, or about where and how it computes
NOT_OURS = {"size_average", "reduce", "inplace", "device", "dtype", "_stacklevel", "out", "args",
            "kwargs", "enable_nested_tensor", "mask_check"}  # fmt: skip
OUR_NAMES = {"dim": "axis", "min": "low", "max": "high", "dim0": "first", "dim1": "second",
             "widths": "pad"}  # fmt: skip
#: functions of another form, with the reason
OTHER = {
    "concatenate": "arrays one by one, not in a list",
    "stack": "arrays one by one, not in a list",
    "pad": "a pair of widths for each axis, as in NumPy",
    "silu": "its second argument is the steepness of Swish",
    "rnn": "one layer, one direction", "lstm": "one layer, one direction",
    "gru": "one layer, one direction", "max": "one axis, without the places",
    "prelu": "", "binary_cross_entropy_with_logits": "pos_weight is an array, and stands with them",
}  # fmt: skip


def names_in_torch(function: Any) -> list[str]:
    """The names of its arguments, from the signature or from the first line of the docstring."""
    if function.__name__.startswith(("max_pool", "boolean")):
        function = getattr(
            torch.nn.functional, f"_{function.__doc__.split('(')[0].strip()}", function
        )
    try:
        found = list(inspect.signature(function).parameters)
    except ValueError:
        found = []
    if not found or found == ["args", "kwargs"]:
        head = re.search(r"\w+\((.*?)\) *->", function.__doc__ or "", re.S)
        found = re.findall(r"(?:^|,)\s*\*?,?\s*(\w+)", head.group(1).split("*")[0]) if head else []
    return [name for name in found if name not in NOT_OURS]


def ours(name: str) -> list[str]:
    """The names of the arguments of a function, in the order of positions."""
    function = getattr(F, name)
    if function is OPS[name]:
        known = function.arguments
        return [a.name for a in function.contract.inputs] + [
            n for n in known.order if n not in NOT_OURS
        ]
    return [n for n in inspect.signature(function).parameters if n not in NOT_OURS]


SHARED = [
    n for n in OPS if n not in OTHER and (hasattr(torch.nn.functional, n) or hasattr(torch, n))
]


@pytest.mark.parametrize("name", SHARED)
def test_positions_are_those_of_pytorch(name: str) -> None:
    function = getattr(torch.nn.functional, name, None) or getattr(torch, name)
    theirs, mine = names_in_torch(function), ours(name)
    if not theirs:
        pytest.skip("it does not say")
    shared = min(len(theirs), len(mine))
    arrays = len(OPS[name].contract.inputs) if getattr(F, name) is OPS[name] else 1
    expected = [OUR_NAMES.get(n, n) for n in theirs[:shared]]
    assert mine[arrays:shared] == expected[arrays:]


@pytest.mark.parametrize("name", [n for n in [*nn.layers.__all__, *nn.losses.__all__]
                                  if hasattr(torch.nn, n)])  # fmt: skip
def test_layers_take_positions_as_pytorch(name: str) -> None:
    mine = [
        p.name
        for p in inspect.signature(getattr(nn, name)).parameters.values()
        if p.kind is p.POSITIONAL_OR_KEYWORD and p.name not in NOT_OURS
    ]
    theirs = [n for n in inspect.signature(getattr(torch.nn, name)).parameters if n not in NOT_OURS]
    renamed = {"layer": f"{'de' if 'Decoder' in name else 'en'}coder_layer"}
    shared = [renamed.get(n, n) for n in mine][: len(theirs)]
    if theirs:
        assert shared == theirs[: len(shared)]


X = np.arange(16, dtype=np.float32).reshape(1, 1, 4, 4) / 7 - 1
IDS = np.array([0, 1, 1])
ROWS = np.array([[0.1, 0.7], [0.5, -0.2], [1.0, 0.0]], np.float32)
CALLS = {
    "max_pool2d": (X, 2), "max_pool2d stride": (X, 2, 1), "avg_pool2d": (X, 2, 2, 1, False, False),
    "softmax": (ROWS, -1), "log_softmax": (ROWS, 0), "leaky_relu": (ROWS, 0.2), "elu": (ROWS, 0.5),
    "softplus": (ROWS, 2.0, 5.0), "gelu": (ROWS,), "dropout": (ROWS, 0.0),
    "dropout off": (ROWS, 0.5, False), "layer_norm": (ROWS, (2,)),
    "layer_norm int": (ROWS, (2,), np.ones(2, np.float32), np.zeros(2, np.float32), 1e-3),
    "group_norm": (X, 1), "rms_norm": (ROWS, (2,)), "relu": (ROWS, False),
    "cross_entropy": (ROWS, IDS, None, None, 1), "nll_loss": (ROWS, IDS, None, None, 0),
    "mse_loss": (ROWS, ROWS * 2), "huber_loss": (ROWS, ROWS * 3, "sum", 0.3),
    "conv2d": (X, np.ones((1, 1, 2, 2), np.float32), None, 2, 1), "embedding": (IDS, ROWS, 1),
    "linear": (ROWS, np.ones((3, 2), np.float32)), "rrelu": (ROWS, 0.1, 0.3),
}  # fmt: skip


@pytest.mark.parametrize("call", CALLS)
def test_a_call_by_position_answers_as_pytorch(call: str) -> None:
    name = call.split()[0]
    mine = [Tensor(a) if isinstance(a, np.ndarray) else a for a in CALLS[call]]
    theirs = [torch.tensor(a) if isinstance(a, np.ndarray) else a for a in CALLS[call]]
    expected = getattr(torch.nn.functional, name)(*theirs).numpy()
    np.testing.assert_allclose(getattr(F, name)(*mine).data, expected, rtol=1e-5, atol=1e-6)


def test_names_of_pytorch_are_known() -> None:
    x, weight = Tensor(ROWS), Tensor(np.array([0.2, 0.8], np.float32))
    np.testing.assert_array_equal(F.softmax(x, dim=0).data, F.softmax(x, axis=0).data)
    loss = F.cross_entropy(input=x, target=Tensor(IDS), weight=weight)
    expected = torch.nn.functional.cross_entropy(
        torch.tensor(ROWS), torch.tensor(IDS), weight=torch.tensor(weight.data)
    )
    assert loss.item() == pytest.approx(expected.item())
    logits = F.binary_cross_entropy_with_logits(x, x * 0, pos_weight=weight)
    assert logits.data.shape == ()
    assert F.relu(x, inplace=True).shape == x.shape


def test_what_is_not_offered_is_refused_by_name() -> None:
    x = Tensor(X)
    with pytest.raises(UsageError, match="ceil_mode"):
        F.max_pool2d(x, 2, 2, 0, 1, True)
    with pytest.raises(UsageError, match="widht"):
        F.max_pool2d(x, 2, widht=3)
    with pytest.raises(MulleError, match="at most"):
        F.tanh(x, 1, 2, 3)
    with pytest.raises(UsageError, match="ceil_mode"):
        nn.MaxPool2d(2, ceil_mode=True)
    with pytest.raises(UsageError, match="add_zero_attn"):
        nn.MultiheadAttention(4, 2, add_zero_attn=True)


@pytest.mark.parametrize("number", [np.float32(2), np.float64(2), np.int64(2), np.array(2.0), 2])
@pytest.mark.parametrize("sign", "+-*/")
def test_numbers_of_numpy_may_stand_first(number: Any, sign: str) -> None:
    x = Tensor(np.array([1.0, 4.0], np.float32), requires_grad=True)
    apply = {"+": lambda a, b: a + b, "-": lambda a, b: a - b, "*": lambda a, b: a * b,
             "/": lambda a, b: a / b}[sign]  # fmt: skip
    for y, expected in (
        (apply(number, x), apply(2.0, x.data)),
        (apply(x, number), apply(x.data, 2.0)),
    ):
        assert y.dtype == np.float32
        np.testing.assert_array_equal(y.data, expected)
        y.sum().backward()


def test_a_tensor_ends_its_rows() -> None:
    assert [row.data.tolist() for row in Tensor(ROWS)] == ROWS.tolist()
