"""Call operations as functions: `F.gelu(x)`, on tensors, torch tensors and graph symbols alike."""

from __future__ import annotations

from mulle.errors import UnknownName
from mulle.nn.operation import Operation
from mulle.nn.ops import OPS

globals().update(OPS)


def __getattr__(name: str) -> Operation:
    raise AttributeError(str(UnknownName("operation-unknown", "operation", name, OPS)))
