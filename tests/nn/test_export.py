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
        return x.reshape(1 * x.shape[0], 3, 1)


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


def net_of(*layers):
    return nn.Sequential(*layers)


def answers(done, *inputs):
    return run(open_session(done.onnx), dict(zip(done.inputs, inputs, strict=True)))


def test_a_sample_of_float64_is_taken_as_the_model_computes():
    net = net_of(nn.Linear(3, 4), nn.ReLU(), nn.Linear(4, 2))
    done = nn.to_onnx(net, ROWS.astype(np.float64))
    np.testing.assert_allclose(answers(done, ROWS)[0], net(ROWS).data, rtol=1e-5, atol=1e-6)


class Several(nn.Module):
    def __init__(self):
        self.read, self.head = nn.LSTM(3, 4, batch_first=True), nn.Linear(4, 2)

    def forward(self, x):
        y, state = self.read(x)
        return {"logits": self.head(y), "state": state, "more": [None, y[:, -1]]}


def test_nested_outputs_are_named_and_any_length_is_taken():
    net, x = Several(), np.random.default_rng(1).normal(size=(2, 6, 3)).astype(np.float32)
    done = nn.to_onnx(net, x[:, :4])
    assert done.outputs == ["logits", "state_0", "state_1", "more_1"]
    assert done.shapes == {"x": ("N", "L1", 3)}
    expected = net(x)
    wanted = [expected["logits"], *expected["state"], expected["more"][1]]
    for found, y in zip(answers(done, x), wanted, strict=True):
        np.testing.assert_allclose(found, y.data, rtol=1e-5, atol=1e-6)


class Writer(nn.Module):
    def __init__(self):
        layer = nn.TransformerEncoderLayer(8, 2, 16, batch_first=True)
        self.embed, self.blocks = nn.Embedding(10, 8), nn.TransformerEncoder(layer, 1)

    def forward(self, ids):
        return self.blocks(self.embed(ids), is_causal=True)


def test_a_causal_transformer_takes_any_length():
    net, ids = Writer().eval(), np.arange(18).reshape(2, 9) % 10
    done = nn.to_onnx(net, ids[:, :5])
    np.testing.assert_allclose(answers(done, ids)[0], net(ids).data, rtol=1e-4, atol=1e-5)


def test_lengths_that_belong_together_are_free_together():
    class Masked(nn.Module):
        def __init__(self):
            self.attend = nn.MultiheadAttention(8, 2, batch_first=True)

        def forward(self, x, hidden):
            return self.attend(x, x, x, hidden)[0]

    rng, net = np.random.default_rng(2), Masked().eval()
    x, hidden = rng.normal(size=(2, 7, 8)).astype(np.float32), np.zeros((2, 7), bool)
    hidden[:, 2] = True
    done = nn.to_onnx(net, x[:, :5], hidden[:, :5])
    assert done.shapes == {"x": ("N", "L1", 8), "hidden": ("N", "L1")}
    np.testing.assert_allclose(
        answers(done, x, hidden)[0], net(x, hidden).data, rtol=1e-4, atol=1e-5
    )


def test_a_length_that_the_model_writes_down_is_told():
    class Positions(nn.Module):
        def __init__(self):
            self.embed, self.wave = nn.Embedding(10, 8), nn.PositionalEncoding(batch_first=True)

        def forward(self, ids):
            return self.wave(self.embed(ids))

    with pytest.warns(nn.ExportWarning, match="only 6 along axis 1 of ids"):
        done = nn.to_onnx(Positions(), np.zeros((2, 6), np.int64))
    assert done.shapes == {"ids": ("N", 6)}


def test_settings_by_position_are_written_too():
    class Pooled(nn.Module):
        def __init__(self):
            self.conv = nn.Conv2d(1, 2, 3)

        def forward(self, x):
            return F.max_pool2d(self.conv(x), 2)

    x = np.random.default_rng(3).normal(size=(2, 1, 8, 9)).astype(np.float32)
    net = Pooled()
    done = nn.to_onnx(net, x)
    np.testing.assert_allclose(
        answers(done, x[:, :, :6])[0], net(x[:, :, :6]).data, rtol=1e-4, atol=1e-5
    )


def test_a_fault_of_a_library_is_told_with_its_cause(monkeypatch):
    from mulle.nn.ops import OPS

    def fails(g, x):
        raise TypeError("no such node")

    monkeypatch.setattr(OPS["relu"].module, "to_onnx", fails)
    with pytest.raises(RunError, match="no such node") as error:
        nn.to_onnx(nn.ReLU(), ROWS)
    assert error.value.code == "export-failed"


class Scalars(nn.Module):
    def __init__(self):
        self.one = nn.Linear(3, 3)

    def forward(self, x):
        return self.one(x) * np.float32(2) + np.float64(0.1) - np.array(0.3) * x


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_scalars_of_numpy_take_the_type_of_the_network(dtype):
    net = Scalars()
    for parameter in net.parameters():
        parameter.data = parameter.data.astype(dtype)
    done = nn.to_onnx(net, ROWS)
    (answer,) = run(open_session(done.onnx), {"x": ROWS.astype(dtype)})
    plain = ROWS @ net.one.weight.data.T + net.one.bias.data
    assert answer.dtype == dtype
    np.testing.assert_allclose(answer, plain * 2 + 0.1 - 0.3 * ROWS, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("shape", [(2, 64), (2, 5, 64)])
def test_weights_are_where_quantizers_look_for_them(shape, tmp_path):
    """ONNX Runtime's quantizer answers with a file of the same size, and no error, where not."""
    from onnxruntime.quantization import QuantType, quantize_dynamic

    net = nn.Sequential(nn.Linear(64, 256), nn.ReLU(), nn.Linear(256, 64))
    x = np.random.default_rng(0).normal(size=shape).astype(np.float32)
    path, small = tmp_path / "net.onnx", tmp_path / "small.onnx"
    nn.to_onnx(net, x).save(path)
    quantize_dynamic(path, small, weight_type=QuantType.QInt8)
    assert small.stat().st_size < path.stat().st_size / 3
    (exact,), (rough,) = (run(open_session(p.read_bytes()), {"x": x}) for p in (path, small))
    assert np.abs(exact - rough).max() < 0.1 * np.abs(exact).max()


def test_a_bert_takes_texts_of_any_length():
    from mulle.nn.networks import BERT

    nn.manual_seed(0)
    net = BERT(20, 8, n_layer=1, n_head=2, n_embd=8)
    tokens = np.random.default_rng(0).integers(0, 20, (3, 8))
    kinds = np.zeros_like(tokens)
    done = nn.to_onnx(net, tokens[:, :5], kinds[:, :5])
    assert done.shapes == {"tokens": ("N", "L1"), "segments": ("N", "L1")}
    words, follows = answers(done, tokens, kinds)
    expected = net.eval()(tokens, kinds)
    np.testing.assert_allclose(words, expected[0].data, rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(follows, expected[1].data, rtol=1e-4, atol=1e-5)
