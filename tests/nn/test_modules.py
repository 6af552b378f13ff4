"""Three ways to build a model, its state, its summary, and what it says of a wrong shape."""

from __future__ import annotations

import numpy as np
import pytest

from mulle import nn
from mulle.errors import DataError, UsageError
from mulle.nn import functional as F

ROWS = np.random.default_rng(0).normal(size=(5, 3)).astype(np.float32)


class Net(nn.Module):
    def __init__(self):
        self.blocks = [nn.Linear(3, 4), nn.Linear(4, 4)]
        self.head = nn.Linear(4, 2)

    def forward(self, x):
        for block in self.blocks:
            x = F.relu(block(x))
        return self.head(x)


def functional() -> nn.Model:
    x = nn.Input()
    h = F.relu(nn.Linear(3, 4)(x))
    return nn.Model(x, nn.Linear(4, 2)(F.relu(nn.Linear(4, 4)(h))))


def sequential() -> nn.Sequential:
    return nn.Sequential(nn.Linear(3, 4), nn.ReLU(), nn.Linear(4, 4), nn.ReLU(), nn.Linear(4, 2))


def test_three_ways_of_building_compute_the_same():
    one, two, three = Net(), functional(), sequential()
    values = list(one.state_dict().values())
    for other in (two, three):
        other.load_state_dict(dict(zip(other.state_dict(), values, strict=True)))
        np.testing.assert_array_equal(other(ROWS).data, one(ROWS).data)


def test_names_are_those_of_torch():
    torch = pytest.importorskip("torch")
    theirs = torch.nn.Sequential(torch.nn.Linear(3, 4), torch.nn.ReLU(), torch.nn.Linear(4, 2))
    ours = nn.Sequential(nn.Linear(3, 4), nn.ReLU(), nn.Linear(4, 2))
    assert list(ours.state_dict()) == list(theirs.state_dict())
    ours.load_state_dict(theirs.state_dict())
    answer = theirs(torch.tensor(ROWS)).detach().numpy()
    np.testing.assert_allclose(ours(ROWS).data, answer, rtol=1e-5, atol=1e-6)
    assert list(Net().state_dict())[:2] == ["blocks.0.weight", "blocks.0.bias"]


def test_a_model_with_two_inputs_and_two_outputs():
    a, b = nn.Input(), nn.Input()
    shared = nn.Linear(3, 2)
    both = shared(a) + shared(b)
    model = nn.Model([a, b], [both, shared(a)])
    total, first = model(ROWS, ROWS * 2)
    np.testing.assert_allclose(total.data, (shared(ROWS) + shared(ROWS * 2)).data)
    np.testing.assert_allclose(first.data, shared(ROWS).data)
    assert model.n_parameters() == 8
    with pytest.raises(UsageError, match="must be 2, not 1"):
        model(ROWS)
    with pytest.raises(UsageError, match="not among"):
        nn.Model(a, both)


def test_a_declared_model_is_exported():
    assert nn.to_onnx(functional(), ROWS).difference < 1e-6


def test_weights_of_another_model_are_refused_and_change_nothing():
    net = Net()
    before = net.state_dict()
    for wrong, word in (
        ({**before, "extra": ROWS}, "extra"),
        ({k: v for k, v in before.items() if k != "head.bias"}, "head.bias"),
        (
            {**before, "head.bias": ROWS},
            r"head.bias has shape \(5, 3\), and this model\'s has \(2,\)",
        ),
    ):
        with pytest.raises(DataError, match=word):
            net.load_state_dict({k: v + 1 for k, v in wrong.items()})
    for name, value in net.state_dict().items():
        np.testing.assert_array_equal(value, before[name])


def test_a_wrong_shape_names_operation_shapes_and_layer():
    net = nn.Sequential(nn.Linear(3, 4), Net())
    with pytest.raises(DataError) as error:
        net(ROWS)
    assert error.value.where == "1.blocks.0 (Linear)"
    assert error.value.what == ("linear received x (5, 4), weight (4, 3), bias (4,).")
    assert "x (..., in), weight (out, in), bias (out)?" in error.value.fix


def test_objects_are_no_numbers():
    with pytest.raises(DataError, match="object"):
        nn.Tensor(np.array(["a", None], dtype=object))


def test_a_model_computes_and_learns_in_torch():
    torch = pytest.importorskip("torch")
    net = Net()
    answer = net(ROWS).data
    net.to("torch")
    x = torch.tensor(ROWS)
    np.testing.assert_allclose(net(x).detach().numpy(), answer, rtol=1e-5, atol=1e-6)
    net(x).sum().backward()
    assert all(p.grad is not None for p in net.parameters())
    np.testing.assert_allclose(nn.to_onnx(net, ROWS).difference, 0, atol=1e-5)
    net.to("numpy")
    np.testing.assert_array_equal(net(ROWS).data, answer)


def test_gradients_stop_where_they_are_told_to():
    net = Net()
    with nn.no_grad():
        assert not net(ROWS).requires_grad
    x = nn.Tensor(ROWS, requires_grad=True)
    (x.detach() * 2.0 + x).sum().backward()
    np.testing.assert_array_equal(x.grad, np.ones_like(ROWS))


def test_going_back_twice_is_refused():
    x = nn.Tensor([1.0], requires_grad=True)
    y = x * x
    y.backward()
    with pytest.raises(UsageError, match="already passed"):
        y.backward()
    with pytest.raises(UsageError, match="not computed"):
        x.backward()
