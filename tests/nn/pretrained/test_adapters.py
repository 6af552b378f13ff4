"""LoRA on pretrained models: peft reads ours, and we read peft's, with equal answers."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from tests.nn.pretrained.folders import MODELS, tiny

from mulle import nn
from mulle.nn.pretrained import names_in

CLOSE = 1e-6  # of the largest answer
#: name -> our patterns, their names of the same layers
ON = {
    "bert": (["*.query", "*.value"], ["query", "value"]),
    "bert-classifier": (["*.key", "dense"], ["key", "pooler.dense"]),
    "roberta": (["*.query", "*.linear1"], ["query", "intermediate.dense"]),
    "distilbert": (["*.query", "*.value"], ["q_lin", "v_lin"]),
    "llama": (["*.query", "*.value"], ["q_proj", "v_proj"]),
}


def gap(ours, theirs, counted) -> float:
    return float(np.abs(ours - theirs)[counted].max() / np.abs(theirs).max())


@pytest.fixture(params=ON)
def made(request, tmp_path):
    peft = pytest.importorskip("peft")
    transformers = pytest.importorskip("transformers")
    model = tiny(request.param, tmp_path / "model")
    theirs = getattr(transformers, MODELS[request.param][0]).from_pretrained(model.folder).eval()
    return peft, model, theirs, *ON[request.param]


def asked(theirs, model):
    """What transformers answers now."""
    import torch

    ids = torch.tensor(model.inputs[0])
    mask = torch.tensor(model.inputs[1]) if len(model.inputs) > 1 else None
    with torch.no_grad():
        return theirs(input_ids=ids, attention_mask=mask)[0].numpy()


@pytest.mark.long
def test_peft_reads_ours(made, tmp_path: Path) -> None:
    peft, model, theirs, ours, _ = made
    net = nn.lora(nn.from_pretrained(model.folder), rank=2, on=ours)
    rng = np.random.default_rng(0)
    for path, parameter in net.named_parameters():
        if "lora_B" in path:
            parameter.data[...] = rng.normal(0, 0.1, parameter.shape)
    nn.save_adapter(net, tmp_path / "adapter", names_in(model.folder))
    adapted = peft.PeftModel.from_pretrained(theirs, tmp_path / "adapter").eval()
    answer = net(*model.inputs).numpy()
    assert gap(answer, model.answer, model.counted) > 1e-3  # the changes do change it
    assert gap(answer, asked(adapted, model), model.counted) < CLOSE


@pytest.mark.long
def test_we_read_peft_s(made, tmp_path: Path) -> None:
    peft, model, theirs, _, targets = made
    config = peft.LoraConfig(r=2, target_modules=targets, init_lora_weights=False)
    adapted = peft.get_peft_model(theirs, config).eval()
    adapted.save_pretrained(tmp_path / "adapter")
    net = nn.load_adapter(
        nn.from_pretrained(model.folder), tmp_path / "adapter", names_in(model.folder)
    )
    answer = net(*model.inputs).numpy()
    assert gap(answer, model.answer, model.counted) > 1e-3
    assert gap(answer, asked(adapted, model), model.counted) < CLOSE
    merged = nn.merge(net)(*model.inputs).numpy()
    assert gap(merged, answer, model.counted) < CLOSE
