"""Settings that only PyTorch's layers have: they keep their place among the arguments."""

from __future__ import annotations

from typing import Any

from mulle.errors import UsageError


def refuse_settings(layer: Any, **settings: Any) -> None:
    """Accept settings that are off.

    Raises:
        UsageError: one is on.
    """
    for name, value in settings.items():
        if value:
            raise UsageError("layer-setting-missing", layer=type(layer).__name__, setting=name)
