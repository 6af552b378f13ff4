"""ViT: an image as a sequence of patches, read by an encoder that normalizes first.

Source: Dosovitskiy et al. 2020, arXiv:2010.11929.

catalogue  lm-transformer adapt-timm
"""

from __future__ import annotations

from typing import Any

import numpy as np

from mulle.nn import functional as F
from mulle.nn.layers import Conv2d, LayerNorm, Linear
from mulle.nn.module import Module
from mulle.nn.pretrained.architecture import Architecture
from mulle.nn.pretrained.blocks import Block
from mulle.nn.pretrained.config import Config
from mulle.nn.tensor import Parameter


class ViT(Module):
    """Patches with a token before them, blocks, and a norm.

    Args:
        image: pixels of a side.
        patch: pixels of a patch's side.
        channels: colours of an image.
        width: features of a patch.
        heads: attention heads of a block.
        layers: number of blocks.
        hidden: units of each block's network.
        activation: of the blocks.
        eps: of the normalizations.
        dropout: share dropped in training, 0 to 1.
        bias: whether queries, keys and values have biases.
        labels: classes of a head on the first token; 0 for none.

    Shapes:
        pixels (n, channels, image, image) -> y (n, 1 + patches, width), or logits (n, labels)
    """

    def __init__(
        self,
        *,
        image: int,
        patch: int,
        channels: int,
        width: int,
        heads: int,
        layers: int,
        hidden: int,
        activation: str = "gelu",
        eps: float = 1e-12,
        dropout: float = 0.0,
        bias: bool = True,
        labels: int = 0,
    ) -> None:
        patches = (image // patch) ** 2
        self.width, self.patches = width, patches
        self.cut = Conv2d(channels, width, patch, stride=patch)
        self.cls_token = Parameter(np.zeros((1, 1, width), np.float32))
        self.position_embeddings = Parameter(np.zeros((1, 1 + patches, width), np.float32))
        settings: dict[str, Any] = {"activation": activation, "eps": eps, "dropout": dropout}
        self.blocks = [
            Block(width, heads, hidden, norm_first=True, bias=bias, **settings)
            for _ in range(layers)
        ]
        self.norm = LayerNorm(width, eps)
        self.out = Linear(width, labels) if labels else None

    def forward(self, pixels: Any) -> Any:
        """Compute the output of the network."""
        x = F.reshape(self.cut(pixels), shape=(-1, self.width, self.patches))
        x = F.transpose(x, first=1, second=2)  # (n, patches, width)
        first = x[:, :1] * 0.0 + self.cls_token
        x = F.concatenate(first, x, axis=1) + self.position_embeddings
        for block in self.blocks:
            x = block(x)
        x = self.norm(x)
        return x if self.out is None else self.out(x[:, 0])


def _build(config: Config) -> Module:
    classifies = config.network.endswith("ForImageClassification")
    return ViT(
        image=config.number("image_size"),
        patch=max(1, config.number("patch_size")),
        channels=config.number("num_channels", 3),
        width=config.number("hidden_size"),
        heads=config.number("num_attention_heads"),
        layers=config.number("num_hidden_layers"),
        hidden=config.number("intermediate_size"),
        activation=config.activation("hidden_act"),
        eps=config.real("layer_norm_eps", 1e-12),
        dropout=config.real("hidden_dropout_prob", 0.0),
        bias=bool(config.values.get("qkv_bias", True)),
        labels=len(config.labels()) if classifies else 0,
    )


VIT = Architecture(
    "ViT",
    "image encoder",
    _build,
    {
        "": "embeddings",  # its class token and positions
        "cut": "embeddings.patch_embeddings.projection",
        "norm": "layernorm",
        "out": "classifier",
        "blocks.{i}.attention.query": "encoder.layer.{i}.attention.attention.query",
        "blocks.{i}.attention.key": "encoder.layer.{i}.attention.attention.key",
        "blocks.{i}.attention.value": "encoder.layer.{i}.attention.attention.value",
        "blocks.{i}.attention.out": "encoder.layer.{i}.attention.output.dense",
        "blocks.{i}.norm1": "encoder.layer.{i}.layernorm_before",
        "blocks.{i}.linear1": "encoder.layer.{i}.intermediate.dense",
        "blocks.{i}.linear2": "encoder.layer.{i}.output.dense",
        "blocks.{i}.norm2": "encoder.layer.{i}.layernorm_after",
    },
    ("vit.", ""),
)
