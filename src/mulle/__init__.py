"""mulle (물레, the spinning wheel): from a table to a served, watched model on your own machine.

>>> import mulle
>>> sorted(mulle.__all__)
['explore', 'fit', 'load', 'read', 'retrain', 'watch']
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mulle.bundle import load
    from mulle.explore import explore  # type: ignore[no-redef]  # the room is the verb: see rooms.py
    from mulle.fit import fit  # type: ignore[no-redef]  # the room is the verb: see rooms.py
    from mulle.table import read
    from mulle.watch import watch  # type: ignore[no-redef]  # the room is the verb: see rooms.py
    from mulle.watch.retrain import retrain

__version__ = "0.1.0"
__all__ = ["explore", "fit", "load", "read", "retrain", "watch"]

_HOMES = {
    "explore": "mulle.explore",
    "fit": "mulle.fit",
    "load": "mulle.bundle",
    "read": "mulle.table",
    "watch": "mulle.watch",
    "retrain": "mulle.watch.retrain",
}


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(importlib.import_module(_HOMES[name]), name)
    raise AttributeError(f"module 'mulle' has no attribute {name!r}")
