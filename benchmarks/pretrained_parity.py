"""Pretrained models here and in transformers: differences in three backends, tokens a second.

    python benchmarks/pretrained_parity.py                 tiny random models of each architecture
    MULLE_MODELS=~/models python benchmarks/pretrained_parity.py     and the real ones there

Differences are the largest of all positions that are no padding, relative to the largest answer of
transformers; of vectors, which have length 1, the largest of an entry. Seconds and tokens a second
are of the same folder, in one process, one after the other, with one thread each; a batch is 8
texts of 32 tokens.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1]))
for threads in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[threads] = "1"

from tests.nn.pretrained.folders import MODELS, tiny  # noqa: E402

from mulle import nn  # noqa: E402
from mulle.graph import open_session, run  # noqa: E402
from mulle.nn.pretrained import load_text_model, trace_embedder  # noqa: E402

REAL = ("all-MiniLM-L6-v2", "multilingual-e5-small")
TEXTS = ["A cat sat on a mat.", "물레는 실을 잣는다", "x", "😀😀"]
REPEATS = 5


def gap(ours: np.ndarray, theirs: np.ndarray, counted: Any = slice(None)) -> float:
    return float(np.abs(ours - theirs)[counted].max() / np.abs(theirs).max())


def seconds(work: Callable[[], Any]) -> tuple[float, Any]:
    begun = time.perf_counter()
    found = work()
    return time.perf_counter() - begun, found


def rate(work: Callable[[], Any], tokens: int) -> float:
    work()
    return tokens / float(np.median([seconds(work)[0] for _ in range(REPEATS)]))


def tiny_row(name: str) -> None:
    import torch

    with tempfile.TemporaryDirectory() as folder:
        model = tiny(name, Path(folder))
        net = nn.from_pretrained(folder)
        with nn.no_grad():
            numpy = gap(net(*model.inputs).data, model.answer, model.counted)
        done = nn.to_onnx(net, *model.inputs)
        (graph,) = run(open_session(done.onnx), dict(zip(done.inputs, model.inputs, strict=True)))
        net.to("torch")
        with torch.no_grad():
            other = net(*map(torch.tensor, model.inputs)).numpy()
    onnx, torch_ = (gap(y, model.answer, model.counted) for y in (graph, other))
    print(f"{name:24}{numpy:10.1e}{torch_:10.1e}{onnx:10.1e}", flush=True)


def real_row(folder: Path) -> None:
    import torch
    from transformers import AutoModel

    torch.set_num_threads(1)
    loading, model = seconds(lambda: load_text_model(folder))
    theirs_loading, theirs = seconds(lambda: AutoModel.from_pretrained(folder).eval())
    ids, mask, _ = model.tokenizer(TEXTS)
    encoder = model.embedder.encoder

    def ask(ids: np.ndarray, mask: np.ndarray) -> np.ndarray:
        given = {"input_ids": torch.tensor(ids), "attention_mask": torch.tensor(mask).long()}
        with torch.no_grad():
            return theirs(**given).last_hidden_state.numpy()

    answer = ask(ids, mask)
    with nn.no_grad():
        numpy = gap(encoder(ids, mask).data, answer, mask)
    session = open_session(trace_embedder(model.embedder))
    means = [row[kept].mean(axis=0) for row, kept in zip(answer, mask, strict=True)]
    units = np.array([m / np.linalg.norm(m) for m in means])
    onnx = float(np.abs(run(session, {"ids": np.where(mask, ids, -1)})[0] - units).max())
    many = np.full((8, 32), 5, np.int64)
    ours = rate(lambda: run(session, {"ids": many}), many.size)
    peer = rate(lambda: ask(many, many > 0), many.size)
    encoder.to("torch")
    with torch.no_grad():
        torch_ = gap(encoder(torch.tensor(ids), torch.tensor(mask)).numpy(), answer, mask)
    print(f"{folder.name:24}{numpy:10.1e}{torch_:10.1e}{onnx:10.1e}{loading:8.2f}"
          f"{theirs_loading / loading:8.2f}{ours:10.0f}{ours / peer:8.2f}", flush=True)  # fmt: skip


def main() -> None:
    print(f"{'':24}{'numpy':>10}{'torch':>10}{'onnx':>10}{'load s':>8}{'x peer':>8}"
          f"{'tokens/s':>10}{'x peer':>8}")  # fmt: skip
    for name in MODELS:
        tiny_row(name)
    for name in REAL:
        folder = Path(os.environ.get("MULLE_MODELS", "")) / name
        if folder.is_dir():
            real_row(folder)


if __name__ == "__main__":
    main()
