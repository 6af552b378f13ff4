"""Every architecture answers as `transformers` does: in NumPy, in PyTorch and as an ONNX graph."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
from tests.nn.pretrained.folders import MODELS, tiny

from mulle import nn
from mulle.graph import open_session, run
from mulle.nn.pretrained import load_text_model, trace_embedder

CLOSE = 1e-6  # of the largest answer
REAL = {
    "all-MiniLM-L6-v2": ["A cat sat on a mat.", "물레는 실을 잣는다", "x", "😀😀"],
    "multilingual-e5-small": [
        "이 영화 정말 재미있다",
        "",
        "A longer text, with padding for others.",
    ],
}


def gap(ours: np.ndarray, theirs: np.ndarray, counted: object = slice(None)) -> float:
    return float(np.abs(ours - theirs)[counted].max() / np.abs(theirs).max())


@pytest.mark.long
@pytest.mark.parametrize("name", MODELS)
def test_a_tiny_model_answers_as_transformers(name: str, tmp_path: Path) -> None:
    torch = pytest.importorskip("torch")
    model = tiny(name, tmp_path)
    net = nn.from_pretrained(model.folder)
    with nn.no_grad():
        assert gap(net(*model.inputs).data, model.answer, model.counted) < CLOSE
    done = nn.to_onnx(net, *model.inputs)
    feeds = dict(zip(done.inputs, model.inputs, strict=True))
    (graphs,) = run(open_session(done.onnx), feeds)
    assert gap(graphs, model.answer, model.counted) < CLOSE
    net.to("torch")
    with torch.no_grad():
        answer = net(*map(torch.tensor, model.inputs)).numpy()
    assert gap(answer, model.answer, model.counted) < CLOSE


@pytest.mark.long
@pytest.mark.parametrize("name", REAL)
def test_a_real_model_answers_as_transformers(name: str) -> None:
    folder = Path(os.environ.get("MULLE_MODELS", "")) / name
    if not os.environ.get("MULLE_MODELS") or not folder.is_dir():
        pytest.skip(f"{name} is not in MULLE_MODELS (benchmarks/models/fetch.py)")
    torch = pytest.importorskip("torch")
    transformers = pytest.importorskip("transformers")
    model = load_text_model(folder)
    ids, mask, _ = model.tokenizer(REAL[name])
    theirs = transformers.AutoModel.from_pretrained(folder).eval()
    with torch.no_grad():
        given = {"input_ids": torch.tensor(ids), "attention_mask": torch.tensor(mask).long()}
        answer = theirs(**given).last_hidden_state.numpy()
    embedder = model.embedder
    with nn.no_grad():
        assert gap(embedder.encoder(ids, mask).data, answer, mask) < CLOSE
        vectors = embedder(ids, mask).data
    means = [row[kept].mean(axis=0) for row, kept in zip(answer, mask, strict=True)]
    units = np.array([m / np.linalg.norm(m) for m in means])
    assert np.abs(vectors - units).max() < CLOSE  # of length 1
    (graphs,) = run(open_session(trace_embedder(embedder)), {"ids": np.where(mask, ids, -1)})
    assert np.abs(graphs - units).max() < CLOSE


def test_padding_changes_no_answer() -> None:
    from mulle.nn.pretrained.encoder import TextEncoder

    with nn.seeded(0):
        net = TextEncoder(50, width=16, heads=2, layers=2, hidden=32, positions=12).eval()
    ids = np.array([[3, 4, 5]])
    longer, mask = np.array([[3, 4, 5, 0, 9]]), np.array([[True, True, True, False, False]])
    with nn.no_grad():
        alone, padded = net(ids).data, net(longer, mask).data[:, :3]
    np.testing.assert_allclose(padded, alone, rtol=0, atol=1e-6)
