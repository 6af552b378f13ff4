"""Tiny random models of every architecture, as `transformers` makes and saves them."""

from __future__ import annotations

import zlib
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest

SMALL = {
    "hidden_size": 32,
    "num_hidden_layers": 3,
    "num_attention_heads": 4,
    "intermediate_size": 64,
    "vocab_size": 99,
    "max_position_embeddings": 40,
}
DISTILLED = {
    "dim": 32,
    "n_layers": 3,
    "n_heads": 4,
    "hidden_dim": 64,
    "vocab_size": 99,
    "max_position_embeddings": 40,
}
GPT = {"n_embd": 32, "n_layer": 3, "n_head": 4, "vocab_size": 99, "n_positions": 40,
       "bos_token_id": 0, "eos_token_id": 0}  # fmt: skip
PATCHES = {k: v for k, v in SMALL.items() if k not in ("vocab_size", "max_position_embeddings")}
PATCHES |= {"image_size": 16, "patch_size": 4}

#: name -> class of transformers, its settings
MODELS: dict[str, tuple[str, dict[str, Any]]] = {
    "bert": ("BertModel", SMALL),
    "bert-classifier": ("BertForSequenceClassification", SMALL | {"num_labels": 3}),
    "bert-relu": ("BertModel", SMALL | {"hidden_act": "relu"}),
    "roberta": ("RobertaModel", SMALL),
    "roberta-classifier": ("RobertaForSequenceClassification", SMALL | {"num_labels": 3}),
    "xlm-roberta": ("XLMRobertaModel", SMALL),
    "electra": ("ElectraModel", SMALL | {"embedding_size": 16}),
    "electra-classifier": (
        "ElectraForSequenceClassification",
        SMALL | {"embedding_size": 16, "num_labels": 2},
    ),
    "distilbert": ("DistilBertModel", DISTILLED),
    "distilbert-classifier": ("DistilBertForSequenceClassification", DISTILLED),
    "gpt2": ("GPT2LMHeadModel", GPT),
    "llama": ("LlamaForCausalLM", SMALL | {"num_key_value_heads": 2}),
    "llama-tied": ("LlamaForCausalLM", SMALL | {"tie_word_embeddings": True}),
    "vit": ("ViTModel", PATCHES),
    "vit-classifier": ("ViTForImageClassification", PATCHES),
}


class Tiny(NamedTuple):
    """A saved model, an input, and what transformers answers.

    `counted` are the positions whose answers count: those that are no padding.
    """

    folder: Path
    inputs: tuple[np.ndarray, ...]
    answer: np.ndarray
    counted: Any


def tiny(name: str, folder: Path) -> Tiny:
    torch = pytest.importorskip("torch")
    transformers = pytest.importorskip("transformers")
    kind, settings = MODELS[name]
    cls = getattr(transformers, kind)
    torch.manual_seed(zlib.crc32(name.encode()))
    model = cls(cls.config_class(**settings)).eval()
    for p in model.parameters():
        p.data += 0.1 * torch.randn_like(p)
    model.save_pretrained(folder)
    inputs = example(name, model.config)
    names = ("pixel_values",) if "vit" in name else ("input_ids", "attention_mask")
    given = {k: torch.tensor(x) for k, x in zip(names, inputs, strict=False)}
    with torch.no_grad():
        output = model(**given)
    answer = (output.logits if hasattr(output, "logits") else output[0]).numpy()
    padded = len(inputs) > 1 and answer.ndim == 3
    return Tiny(folder, inputs, answer, inputs[1] if padded else slice(None))


def example(name: str, config: Any) -> tuple[np.ndarray, ...]:
    rng = np.random.default_rng(0)
    if "vit" in name:
        return (rng.normal(size=(2, 3, 16, 16)).astype(np.float32),)
    ids = rng.integers(5, 99, size=(3, 11))
    if name.startswith(("gpt", "llama")):
        return (ids,)
    mask = np.arange(11) < np.array([[11], [7], [3]])
    return np.where(mask, ids, config.pad_token_id), mask
