"""Registry of the operations, one module each; incomplete modules are refused by name."""

from __future__ import annotations

import importlib
import pkgutil

from mulle.nn.operation import Operation

OPS: dict[str, Operation] = {
    found.name: Operation(importlib.import_module(f"{__name__}.{found.name}"))
    for found in pkgutil.iter_modules(__path__)
    if not found.name.startswith("_")
}

__all__ = ["OPS"]
