"""mulle (물레, the spinning wheel): from a table to a served, watched model on your own machine.

>>> import mulle
>>> sorted(mulle.__all__)
['evaluate', 'explore', 'fit', 'load', 'read', 'retrain', 'watch']
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from mulle.version import __version__ as __version__

if TYPE_CHECKING:
    from mulle.bundle import evaluate, load
    from mulle.table import read
    from mulle.verbs.explore import explore
    from mulle.verbs.fit import fit
    from mulle.verbs.retrain import retrain
    from mulle.verbs.watch import watch

__all__ = ["evaluate", "explore", "fit", "load", "read", "retrain", "watch"]

_HOMES = {
    "evaluate": "mulle.bundle",
    "explore": "mulle.verbs.explore",
    "fit": "mulle.verbs.fit",
    "load": "mulle.bundle",
    "read": "mulle.table",
    "watch": "mulle.verbs.watch",
    "retrain": "mulle.verbs.retrain",
}


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(importlib.import_module(_HOMES[name]), name)
    raise AttributeError(f"module 'mulle' has no attribute {name!r}")


def __dir__() -> list[str]:
    return [*__all__, "__version__"]
