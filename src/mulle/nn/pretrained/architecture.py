"""An architecture: how `config.json` becomes a network, and how the names of weights translate.

The names are those of modules, so that adapters, which are named after modules, translate too.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from mulle.nn.module import Module
from mulle.nn.pretrained.config import Config

Sort = Literal["text encoder", "decoder", "image encoder"]


@dataclass(frozen=True)
class Architecture:
    """Describe one architecture.

    Attributes:
        name: as people write it.
        sort: what its networks do.
        build: makes the network that a config describes, with or without its head.
        names: path of a module of ours to its path in the checkpoint; `{i}` is a block's number.
        prefixes: what may stand before the names in the checkpoint.
        transposed: modules whose weights are stored (in, out).
    """

    name: str
    sort: Sort
    build: Callable[[Config], Module]
    names: Mapping[str, str]
    prefixes: tuple[str, ...] = ("",)
    transposed: frozenset[str] = field(default_factory=frozenset)

    def theirs(self, path: str) -> str:
        """Return the checkpoint's path of a module of ours; the same where it has no own name.

        >>> names = {"blocks.{i}.norm1": "layer.{i}.LayerNorm"}
        >>> Architecture("", "decoder", Module, names).theirs("blocks.12.norm1")
        'layer.12.LayerNorm'
        """
        pattern, number = generalize(path)
        return self.names.get(pattern, pattern).replace("{i}", number)


def generalize(path: str) -> tuple[str, str]:
    """Return a path with `{i}` for its first number, and that number.

    >>> generalize("blocks.3.norm1")
    ('blocks.{i}.norm1', '3')
    """
    parts = path.split(".")
    at = next((k for k, part in enumerate(parts) if part.isdigit()), None)
    if at is None:
        return path, ""
    number, parts[at] = parts[at], "{i}"
    return ".".join(parts), number
