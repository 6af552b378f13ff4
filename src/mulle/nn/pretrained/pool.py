"""One vector a text: the outputs of its tokens averaged, or that of its first token.

catalogue  adapt-freeze
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any, Literal

import numpy as np

from mulle.errors import DataError
from mulle.nn import functional as F
from mulle.nn.module import Module
from mulle.nn.pretrained.config import Config, read_json
from mulle.nn.pretrained.encoder import TextEncoder

Pooling = Literal["mean", "cls"]
_CHOSEN = {"mean": "pooling_mode_mean_tokens", "cls": "pooling_mode_cls_token"}


class Embedder(Module):
    """An encoder whose outputs are pooled to one vector a text.

    mean: v = the mean of the outputs of its tokens; cls: v = the output of the first token; then,
    where asked, v / |v|.

    Args:
        encoder: the network.
        pooling: "mean" or "cls".
        unit: whether vectors get length 1.

    Shapes:
        ids (n, t) int, mask (n, t) bool -> v (n, width)

    Source: Reimers & Gurevych 2019, arXiv:1908.10084, section 3.
    """

    def __init__(
        self, encoder: TextEncoder, *, pooling: Pooling = "mean", unit: bool = False
    ) -> None:
        self.encoder, self.pooling, self.unit = encoder, pooling, unit

    def forward(self, ids: Any, mask: Any) -> Any:
        """Compute the output of the network."""
        y = self.encoder(ids, mask)
        v = y[:, 0] if self.pooling == "cls" else _mean(y, mask)
        if not self.unit:
            return v
        return v / F.power(F.sum(v * v, axis=-1, keepdims=True) + 1e-12, exponent=0.5)


def _mean(y: Any, mask: Any) -> Any:
    counts = F.where(mask, np.array(1, np.float32), np.array(0, np.float32))
    weights = counts[:, :, None]  # (n, t, 1)
    return F.sum(y * weights, axis=1) / F.maximum(F.sum(weights, axis=1), 1.0)


def read_pooling(folder: Path) -> tuple[Pooling, bool]:
    """Return how sentence-transformers pools a folder's outputs, and whether to length 1.

    A folder that does not say is averaged, and lengths are left.

    Raises:
        DataError: it pools in another way.
    """
    modules = folder / "modules.json"
    if not modules.is_file():
        return "mean", False
    try:
        entries = json.loads(modules.read_text("utf-8"))
        steps = [str(entry["type"]).rpartition(".")[2] for entry in entries]
        paths = [str(entry.get("path", "")) for entry in entries]
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise DataError("pretrained-json", where=str(modules), name=modules.name) from error
    unknown = set(steps) - {"Transformer", "Pooling", "Normalize"}
    if unknown:
        raise DataError("pretrained-setting", where=str(modules), setting="type",
                        value=sorted(unknown)[0], allowed=["Pooling", "Normalize"])  # fmt: skip
    pooling: Pooling = "mean"
    if "Pooling" in steps:
        pooling = _pooling(folder / paths[steps.index("Pooling")] / "config.json")
    return pooling, "Normalize" in steps


def _pooling(path: Path) -> Pooling:
    values = read_json(path)
    chosen = [k for k, v in values.items() if k.startswith("pooling_mode_") and v is True]
    if values.get("pooling_mode") in ("mean", "cls"):
        chosen = [_CHOSEN[values["pooling_mode"]]]
    if chosen == ["pooling_mode_cls_token"]:
        return "cls"
    if chosen == ["pooling_mode_mean_tokens"]:
        return "mean"
    raise DataError("pretrained-setting", where=str(path), setting="pooling_mode",
                    value=", ".join(chosen) or "?", allowed=["mean", "cls"])  # fmt: skip


def read_prefix(folder: Path, config: Config) -> str:
    """Return what the model expects before each text, "" for nothing.

    The e5 family was trained with "query: ", which its folders do not say.

    Source: Wang et al. 2022, arXiv:2212.03533, section 4.
    """
    values = read_json(folder / "config_sentence_transformers.json")
    prompts, name = values.get("prompts"), values.get("default_prompt_name")
    if isinstance(prompts, dict) and isinstance(prompts.get(name), str):
        return str(prompts[name])
    names = f"{folder.name} {config.values.get('_name_or_path', '')}".lower()
    return "query: " if "e5" in re.split(r"[^a-z0-9]+", names) else ""
