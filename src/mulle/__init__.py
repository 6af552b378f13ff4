"""mulle (물레, the spinning wheel): from a table to a served, watched model on your own machine.

>>> import mulle
>>> " ".join(mulle.__all__)
'ablate code evaluate explore fit load pack predict read retrain watch'
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from mulle.version import __version__ as __version__

if TYPE_CHECKING:
    from mulle.bundle import evaluate, load, predict
    from mulle.bundle.networks.pack import pack
    from mulle.table import read
    from mulle.verbs.code.code import code
    from mulle.verbs.explore.explore import explore
    from mulle.verbs.fit.ablation import ablate
    from mulle.verbs.fit.fit import fit
    from mulle.verbs.retrain import retrain
    from mulle.verbs.watch.watch import watch

__all__ = [
    "ablate",
    "code",
    "evaluate",
    "explore",
    "fit",
    "load",
    "pack",
    "predict",
    "read",
    "retrain",
    "watch",
]

# Each is imported when it is first asked for: `import mulle` alone loads nothing heavy.
_HOMES = {
    "ablate": "mulle.verbs.fit",
    "code": "mulle.verbs.code",
    "evaluate": "mulle.bundle",
    "explore": "mulle.verbs.explore",
    "fit": "mulle.verbs.fit",
    "load": "mulle.bundle",
    "pack": "mulle.bundle.networks",
    "predict": "mulle.bundle",
    "read": "mulle.table",
    "retrain": "mulle.verbs.retrain",
    "watch": "mulle.verbs.watch",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'mulle' has no attribute {name!r}")
    return getattr(importlib.import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return [*__all__, "__version__"]
