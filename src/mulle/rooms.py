"""Rooms that are verbs too: `mulle.fit` is the package, and calling it fits."""

from __future__ import annotations

import sys
from types import ModuleType
from typing import Any


class _Verb(ModuleType):
    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Call the function of the package that has the package's own name."""
        return getattr(self, self.__name__.rpartition(".")[2])(*args, **kwargs)


def make_verb(package: str) -> None:
    """Let a package be called as the function that bears its name.

    Importing `mulle.fit` binds the name `fit` in `mulle` to the package, whatever else stood there;
    with this, `mulle.fit(...)` works before and after.
    """
    sys.modules[package].__class__ = _Verb
