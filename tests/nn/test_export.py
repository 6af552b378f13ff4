"""Models as ONNX graphs: right for any number of rows, or refused."""

from __future__ import annotations

import numpy as np
import pytest

from mulle import nn
from mulle.errors import RunError, UsageError
from mulle.graph import open_session, run
from mulle.nn import functional as F

ROWS = np.random.default_rng(0).normal(size=(5, 3)).astype(np.float32)


class Burned(nn.Module):
    def forward(self, x):
        return x.reshape(x.shape[0], 3, 1)


class Looks(nn.Module):
    def forward(self, x):
        return x if x.sum() > 0 else -x


class Shared(nn.Module):
    def __init__(self):
        self.one = nn.Linear(3, 3)

    def forward(self, x):
        return self.one(F.relu(self.one(x))) * 2.0 + 1.0


def test_the_graph_answers_as_numpy_for_any_number_of_rows():
    net = nn.Sequential(nn.Linear(3, 4), nn.ReLU(), nn.Linear(4, 2))
    done = nn.to_onnx(net, ROWS)
    assert done.difference < 1e-6
    session = open_session(done.onnx)
    for rows in (ROWS[:1], np.tile(ROWS, (7, 1)), ROWS[:0]):
        (answer,) = run(session, {"x": rows})
        np.testing.assert_allclose(answer, net(rows).data, rtol=1e-5, atol=1e-6)


def test_a_shared_weight_is_stored_once():
    import onnx

    model = onnx.load_from_string(nn.to_onnx(Shared(), ROWS).onnx)
    large = [n for n in model.graph.node if n.op_type == "Constant"]
    sizes = [len(n.attribute[0].t.raw_data) for n in large]
    sizes += [len(t.raw_data) for t in model.graph.initializer]
    assert sizes.count(36) == 1


def test_training_mode_is_left_as_it_was():
    net = nn.Sequential(nn.Linear(3, 4), nn.ReLU())
    net[0].eval()
    nn.to_onnx(net, ROWS)
    assert (net.training, net[0].training, net[1].training) == (True, False, True)


def test_a_model_that_looks_at_values_is_refused():
    with pytest.raises(UsageError) as error:
        nn.to_onnx(Looks(), ROWS)
    assert error.value.code == "traces-data"


def test_a_model_that_writes_the_rows_into_the_graph_is_refused():
    with pytest.raises(RunError) as error:
        nn.to_onnx(Burned(), ROWS)
    assert error.value.code == "export-rows"


def test_a_graph_too_far_from_numpy_is_refused(monkeypatch):
    from mulle.nn.ops import OPS

    monkeypatch.setattr(OPS["relu"].module, "to_onnx", lambda g, x: g.abs(x))
    with pytest.raises(RunError) as error:
        nn.to_onnx(nn.ReLU(), ROWS)
    assert error.value.code == "export-differs"
