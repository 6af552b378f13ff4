"""The generated checks can fail: each fault planted in an operation is caught by them.

A fault is one change in the text of an operation's module, made in a copy that is never saved. The
samples stay as they are.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from types import ModuleType

import numpy as np
import pytest
from tests.nn import test_operations as checks

from mulle.nn.operation import Operation
from mulle.nn.ops import OPS

Check = Callable[[], None]

FAULTS = [
    ("a sign", "subtract", "shrink(-gy, b)", "shrink(gy, b)"),
    ("a wrong derivative", "tanh", "1 - y * y", "1 - y"),
    ("a wrong derivative", "sigmoid", "y * (1 - y)", "y * y"),
    ("a wrong factor", "sqrt", "2 * saved", "saved"),
    ("no exponent", "power", "exponent * x **", "x **"),
    ("factors swapped", "multiply", "shrink(gy * b, a)", "shrink(gy * a, a)"),
    ("no transpose", "matmul", "a.swapaxes(-1, -2) @ gy", "a @ gy"),
    ("a gradient that was not summed", "add", "shrink(gy, b)", "gy"),
    ("a gradient without its bias", "linear", "np.ones_like(rows", "np.zeros_like(rows"),
    ("no 1 / n", "mean", "gy / (x.size / max(gy.size, 1))", "gy"),
    ("no 1 / n in a loss", "mse_loss", "2 * share", "2"),
    ("no largest taken away", "softmax",
     "x - x.max(axis=axis, keepdims=True, initial=-np.inf)", "x + 0"),
    ("a dropped term", "softmax", " - (gy * y).sum(axis=axis, keepdims=True)", ""),
    ("a dropped term", "log_softmax", " * gy.sum(axis=axis, keepdims=True)", ""),
    ("a dropped term", "gelu", "g += half", "pass"),
    ("a constant of float64", "sigmoid",
     "parallel.map_entries(logistic, x)", "np.float64(1.0) * parallel.map_entries(logistic, x)"),
    ("a wrong attribute shipped", "gelu", "g.gelu(x, approximate=approximate)", "g.gelu(x)"),
    ("a fixed axis shipped", "softmax", "g.softmax(x, axis=axis)", "g.softmax(x, axis=-1)"),
    ("a default shipped", "leaky_relu", "g.leaky_relu(x, alpha=negative_slope)", "g.leaky_relu(x)"),
    ("a wrong eps shipped", "layer_norm", "axis=-1, epsilon=eps", "axis=-1"),
    ("a wrong eps", "batch_norm", "np.sqrt(var + eps)", "np.sqrt(var + 1e-5)"),
    ("a dropped weight", "layer_norm", "gradient(gy, h, s, weight)", "gradient(gy, h, s)"),
    ("a dropped term", "batch_norm", "2 * gvar / s - slope * gw", "2 * gvar / s"),
    ("a dropped output's gradient", "batch_norm", "gmean - slope * gb", "-slope * gb"),
    ("groups swapped", "group_norm", "num_groups, math.prod(x.shape[1:]) // num_groups",
     "math.prod(x.shape[1:]) // num_groups, num_groups"),
    ("the wrong rows", "rms_norm", "gx += gh", "gx -= gh"),
    ("an overflow", "softplus", "np.exp(-np.abs(z))", "np.exp(-z)"),
    ("a bound missed", "relu6", " & (saved != 6)", ""),
    ("no threshold shipped", "softplus",
     "g.where(g.greater(z, number(g, threshold, x)), x, y)", "y"),
    ("a side chosen wrongly", "where",
     "np.where(condition, gy, 0), a", "np.where(condition, 0, gy), a"),
    ("the pieces in another order", "concatenate", "tuple(np.split(gy, ends, axis=axis))",
     "tuple(np.split(gy, ends, axis=axis))[::-1]"),
    ("padding on the wrong side", "pad", "*before, *after), number", "*after, *before), number"),
    ("no class weights", "nll_loss", "reduction, w.sum()", "reduction, len(w)"),
    ("rows that should not count", "cross_entropy", "share[~kept] = 0", "pass"),
    ("smoothing not shipped", "cross_entropy", "    if not label_smoothing:\n", "    if True:\n"),
    ("no pos_weight", "binary_cross_entropy_with_logits", "c * logistic(x)", "logistic(x)"),
    ("a clamp not shipped", "binary_cross_entropy", "g.max([g.log(p), least])", "g.log(p)"),
    ("no scale", "dropout", "return 1 / (1 - p) if p < 1 else 0.0", "return 1.0"),
    ("an id taken twice", "hierarchical_softmax",
     "np.add.at(gw, nodes, c[:, :, None] * x[:, None])",
     "gw[nodes] += c[:, :, None] * x[:, None]"),
    ("an input written to", "relu", "y = np.empty_like(x)", "y = x"),
    ("a value let through", "hinge_loss", "if (np.abs(target) != 1).any()", "if False"),
    ("stretching let through", "mse_loss", "x (...), target (...)", "x (*), target (*)"),
]  # fmt: skip


def planted(name: str, right: str, wrong: str) -> Operation:
    """The operation with one change in its module."""
    source = inspect.getsource(OPS[name].module)
    assert source.count(right) >= 1, f"{name} was rewritten: plant another fault in it"
    module = ModuleType(OPS[name].module.__name__)
    vars(module)["np"] = np  # for faults; not every operation imports it
    exec(compile(source.replace(right, wrong), "a planted fault", "exec"), vars(module))
    return Operation(module)


def all_checks(op: Operation) -> Iterator[Check]:
    """What test_operations does with an operation."""
    for dtype in (np.float32, np.float64):
        for sample in checks.samples(op.name, dtype):
            arguments = (op, sample, dtype)
            if sample.refused:
                yield lambda a=arguments: checks.test_what_does_not_fit_is_refused(*a)
                continue
            yield lambda a=arguments: checks.test_types_and_shapes_are_kept(*a)
            yield lambda a=arguments: checks.test_backward_is_the_slope(*a)
            if find_spec("torch"):
                yield lambda a=arguments: checks.test_forward_is_that_of_pytorch(*a)
                yield lambda a=arguments: checks.test_backward_is_that_of_pytorch(*a)
            yield lambda a=arguments: checks.test_onnx_answers_as_forward(*a, "reference")


def is_caught(op: Operation) -> bool:
    return any(fails(check) for check in all_checks(op))


def fails(check: Check) -> bool:
    try:
        check()
    except pytest.skip.Exception:
        return False
    except NameError:  # a misspelt fault, which any check would catch
        raise
    except (Exception, pytest.fail.Exception):
        return True
    return False


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize(
    ("name", "right", "wrong"),
    [pytest.param(*fault, id=f"{what} in {fault[0]}") for what, *fault in FAULTS],
)
def test_a_fault_is_caught(name: str, right: str, wrong: str) -> None:
    assert is_caught(planted(name, right, wrong))


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize("name", sorted({fault[1] for fault in FAULTS}))
def test_without_a_fault_nothing_is_caught(name: str) -> None:
    """Else the test above would prove nothing: the copy itself must pass."""
    assert not is_caught(planted(name, "shapes", "shapes"))
