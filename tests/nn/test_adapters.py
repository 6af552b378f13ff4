"""Freezing and LoRA: peft's numbers, merged without a change, files that go both ways."""

from __future__ import annotations

import json

import numpy as np
import pytest

from mulle import nn
from mulle.errors import DataError, MissingFile, UsageError
from mulle.nn import functional as F
from mulle.nn.layers.lora import LoraAttention, LoraLinear
from mulle.nn.module import as_like
from mulle.nn.networks import GPT

X = np.random.default_rng(0).normal(size=(6, 5, 8)).astype(np.float32)


class Block(nn.Module):
    """Attention and two dense layers, with a head."""

    def __init__(self):
        self.attend = nn.MultiheadAttention(8, 2, batch_first=True)
        self.body = nn.Sequential(nn.Linear(8, 16), nn.GELU(), nn.Linear(16, 8))
        self.head = nn.Linear(8, 3)

    def forward(self, x):
        y, _ = self.attend(x, x, x)
        return self.head(F.mean(self.body(y), axis=1))


class Cross(Block):
    """The same, with keys and values of their own."""

    def forward(self, x):
        y, _ = self.attend(x, x + 1, x * 2)
        return self.head(F.mean(self.body(y), axis=1))


def network(kind=Block):
    with nn.seeded(0):
        return kind().eval()


def moved(net, seed=1):
    """Give all changes values that are not 0."""
    rng = np.random.default_rng(seed)
    for path, parameter in net.named_parameters():
        if "lora_B" in path:
            parameter.data[...] = as_like(rng.normal(0, 0.1, parameter.shape), parameter.data)
    return net


def answers(net):
    return net(nn.Tensor(X)).numpy()


@pytest.mark.parametrize("kind", [Block, Cross])
def test_nothing_changes_before_training_and_merging_changes_nothing(kind):
    plain = answers(network(kind))
    net = nn.lora(network(kind), rank=2)
    assert np.array_equal(answers(net), plain)
    apart = answers(moved(net))
    assert np.abs(apart - plain).max() > 0.05
    merged = nn.merge(net)
    assert not any(isinstance(m, LoraLinear | LoraAttention) for m in merged.modules())
    assert merged.state_dict().keys() == network(kind).state_dict().keys()
    np.testing.assert_allclose(answers(merged), apart, atol=1e-6)
    assert all(parameter.requires_grad for parameter in merged.parameters())


def test_a_change_is_what_the_formula_says():
    net = moved(nn.lora(network(), rank=2, alpha=6.0, on=["body.0"]))
    layer = net.body[0]
    w, a, b = layer.base.weight, layer.lora_A.weight, layer.lora_B.weight
    expected = X @ w.numpy().T + layer.base.bias.numpy() + 3.0 * X @ a.numpy().T @ b.numpy().T
    np.testing.assert_allclose(layer(nn.Tensor(X)).numpy(), expected, atol=1e-5)


def test_only_the_changes_and_the_head_learn():
    net = nn.lora(network(), rank=2, on=["attend.q_proj", "attend.v_proj"], train=["head"])
    learned = [path for path, p in net.named_parameters() if p.requires_grad]
    assert sorted(learned) == [
        "attend.q_proj.lora_A.weight", "attend.q_proj.lora_B.weight",
        "attend.v_proj.lora_A.weight", "attend.v_proj.lora_B.weight", "head.bias", "head.weight",
    ]  # fmt: skip
    before = net.state_dict()
    y = np.arange(6) % 3
    nn.train(net, (X, y), loss="cross_entropy", epochs=3, progress=False)
    after = net.state_dict()
    assert sorted(k for k in before if not np.array_equal(before[k], after[k])) == sorted(learned)


def test_the_frozen_weight_carries_gradients_to_earlier_layers():
    net = moved(nn.lora(network(), rank=2, on=["body.0"]))
    F.sum(net(nn.Tensor(X))).backward()
    assert net.body[2].weight.grad is None and net.head.weight.grad is None
    assert np.abs(net.body[0].lora_A.weight.grad).max() > 0


def test_a_frozen_part_stays_as_at_inference():
    net = nn.Sequential(nn.Linear(8, 8), nn.BatchNorm1d(8), nn.Dropout(0.5), nn.Linear(8, 2))
    nn.freeze(net, ["1", "2"])
    net.train()
    assert [layer.training for layer in net.layers] == [True, False, False, True]
    mean = net[1].running_mean.numpy().copy()
    net(nn.Tensor(X[:, 0]))
    assert np.array_equal(net[1].running_mean.numpy(), mean)
    assert [p for p, v in net.named_parameters() if not v.requires_grad] == ["1.weight", "1.bias"]


@pytest.mark.parametrize("early", [True, False])
def test_it_computes_the_same_in_pytorch_and_in_onnx(early, tmp_path):
    torch = pytest.importorskip("torch")
    ort = pytest.importorskip("onnxruntime")
    net = moved(nn.lora(network(), rank=2))
    expected = answers(net)
    path = tmp_path / "net.onnx"
    nn.to_onnx(net, X[:2]).save(path)
    session = ort.InferenceSession(path)
    (found,) = session.run(None, {session.get_inputs()[0].name: X})
    np.testing.assert_allclose(found, expected, atol=1e-5)
    net = moved(nn.lora(network().to("torch"), rank=2)) if early else net.to("torch")
    if early:  # the draws are others: compare with the merged network
        expected = nn.merge(net)(torch.tensor(X)).detach().numpy()
        net = net.to("numpy")
        np.testing.assert_allclose(answers(net), expected, atol=1e-5)
    else:
        np.testing.assert_allclose(net(torch.tensor(X)).detach().numpy(), expected, atol=1e-5)


def test_a_small_gpt_keeps_its_next_tokens_when_merged():
    with nn.seeded(0):
        net = GPT(65, 32, n_layer=2, n_head=2, n_embd=32).eval()
    moved(nn.lora(net, rank=4, on=["*.linear1", "*.linear2", "*.out_proj"]))
    tokens = np.random.default_rng(0).integers(0, 65, (8, 32))
    before = net(tokens).numpy()
    after = nn.merge(net)(tokens).numpy()
    assert np.abs(before - after).max() < 1e-5
    assert np.array_equal(before.argmax(-1), after.argmax(-1))


# --- files ------------------------------------------------------------------------------------


def test_an_adapter_comes_back_bit_for_bit(tmp_path):
    net = moved(nn.lora(network(), rank=2, on=["attend.*", "body.0"], train=["head"]))
    net.head.bias.data[...] = 7
    nn.save_adapter(net, tmp_path)
    again = nn.load_adapter(network(), tmp_path)
    assert np.array_equal(answers(again), answers(net))
    assert [p for p, v in again.named_parameters() if v.requires_grad] == [
        p for p, v in net.named_parameters() if v.requires_grad
    ]


@pytest.fixture
def theirs():
    """The dense layers of `Block` in PyTorch, under the same names, with the same weights."""
    torch, peft = pytest.importorskip("torch"), pytest.importorskip("peft")

    class Dense(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.body = torch.nn.Sequential(
                torch.nn.Linear(8, 16), torch.nn.GELU(), torch.nn.Linear(16, 8)
            )
            self.head = torch.nn.Linear(8, 3)

        def forward(self, x):
            return self.head(self.body(x).mean(1))

    net = Dense()
    net.load_state_dict({
        k: torch.tensor(v) for k, v in network().state_dict().items() if "attend" not in k
    })  # fmt: skip
    return torch, peft, net


def test_peft_reads_ours(theirs, tmp_path):
    torch, peft, plain = theirs
    net = moved(nn.lora(network(), rank=2, alpha=4, on=["body.*"], train=["head"]))
    nn.save_adapter(net, tmp_path)
    found = peft.PeftModel.from_pretrained(plain, tmp_path)(torch.tensor(X)).detach().numpy()
    expected = net.head(F.mean(net.body(nn.Tensor(X)), axis=1)).numpy()
    np.testing.assert_allclose(found, expected, atol=1e-5)


def test_we_read_peft(theirs, tmp_path):
    torch, peft, plain = theirs
    config = peft.LoraConfig(
        r=3, lora_alpha=5, target_modules=["body.0", "body.2"], modules_to_save=["head"],
        init_lora_weights=False,
    )  # fmt: skip
    model = peft.get_peft_model(plain, config)
    model.save_pretrained(tmp_path)
    net = nn.load_adapter(network(), tmp_path)
    found = net.head(F.mean(net.body(nn.Tensor(X)), axis=1)).numpy()
    np.testing.assert_allclose(found, model(torch.tensor(X)).detach().numpy(), atol=1e-5)


def test_other_names_are_given_by_a_function(tmp_path):
    net = moved(nn.lora(network(), rank=2, on=["body.0"]))
    nn.save_adapter(net, tmp_path, rename=lambda path: path.replace("body", "encoder"))
    assert json.loads((tmp_path / "adapter_config.json").read_text("utf-8"))["target_modules"] == [
        "encoder.0"
    ]
    with pytest.raises(DataError) as refused:
        nn.load_adapter(network(), tmp_path)
    assert refused.value.code == "adapter-unknown"
    back = nn.load_adapter(network(), tmp_path, lambda path: path.replace("body", "encoder"))
    assert np.array_equal(answers(back), answers(net))


# --- bad input --------------------------------------------------------------------------------


def changed(folder, **settings):
    path = folder / "adapter_config.json"
    path.write_text(json.dumps(json.loads(path.read_text("utf-8")) | settings), "utf-8")


@pytest.mark.parametrize(
    ("settings", "code"),
    [
        ({"use_dora": True}, "adapter-kind"),
        ({"use_rslora": True}, "adapter-kind"),
        ({"bias": "all"}, "adapter-kind"),
        ({"peft_type": "IA3"}, "adapter-kind"),
        ({"rank_pattern": {"body.0": 4}}, "adapter-kind"),
        ({"r": 4}, "adapter-unknown"),
        ({"r": "four"}, "weights-damaged"),
    ],
)
def test_an_adapter_of_another_kind_is_refused(tmp_path, settings, code):
    nn.save_adapter(nn.lora(network(), rank=2), tmp_path)
    changed(tmp_path, **settings)
    with pytest.raises(DataError) as refused:
        nn.load_adapter(network(), tmp_path)
    assert refused.value.code == code


def test_files_that_are_missing_or_damaged_are_refused(tmp_path):
    with pytest.raises(MissingFile):
        nn.load_adapter(network(), tmp_path)
    nn.save_adapter(nn.lora(network(), rank=2), tmp_path)
    (tmp_path / "adapter_model.safetensors").write_bytes(b"no weights")
    with pytest.raises(DataError):
        nn.load_adapter(network(), tmp_path)


@pytest.mark.parametrize(
    ("settings", "code"),
    [({"rank": 0}, "lora-rank"), ({"on": ["*.query"]}, "module-unknown"),
     ({"train": ["tail"]}, "module-unknown")],
)  # fmt: skip
def test_what_cannot_be_meant_is_refused_and_the_network_stays(settings, code):
    net = network()
    with pytest.raises(UsageError) as refused:
        nn.lora(net, **settings)
    assert refused.value.code == code
    assert all(parameter.requires_grad for parameter in net.parameters())


def test_changes_are_made_once_and_saved_where_there_are_some(tmp_path):
    with pytest.raises(UsageError) as missing:
        nn.save_adapter(network(), tmp_path)
    with pytest.raises(UsageError) as twice:
        nn.lora(nn.lora(network()))
    assert (missing.value.code, twice.value.code) == ("lora-missing", "lora-twice")
