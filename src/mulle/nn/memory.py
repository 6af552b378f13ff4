"""Keep freed memory while a network trains, so that large arrays cost no page faults.

The GNU C library hands arrays above 128 KiB back to the system as soon as they are freed, and the
next one of that size is mapped and cleared anew, page by page: more work than the arithmetic. While
pages are kept, plain NumPy expressions are as fast as workspaces managed by hand.
"""

from __future__ import annotations

import ctypes
import sys
from contextlib import AbstractContextManager
from functools import cache
from typing import Any

from mulle.nn.outermost import Outermost

_MMAP_MAX, _MMAP_THRESHOLD, _TRIM_THRESHOLD = -4, -3, -1  # of mallopt(3)
_KEPT = {_MMAP_MAX: 0, _TRIM_THRESHOLD: 1 << 30}
# The library moves its thresholds by itself until one is set. What it ends with where arrays are
# large is what it is given back: its first ones would slow down all that comes after.
_USUAL = {_MMAP_MAX: 65_536, _MMAP_THRESHOLD: 32 << 20, _TRIM_THRESHOLD: 64 << 20}


def keep_pages() -> AbstractContextManager[None]:
    """Keep freed memory in the process for a while; the outermost context gives it back.

    This works with the GNU C library; elsewhere nothing happens.
    """
    return _PAGES


def _give_back() -> None:
    _set(_USUAL)
    library = _gnu_c()
    if library is not None:
        library.malloc_trim(0)


def _set(options: dict[int, int]) -> None:
    library = _gnu_c()
    for option, value in options.items() if library is not None else ():
        library.mallopt(option, value)


@cache
def _gnu_c() -> Any:
    if not sys.platform.startswith("linux"):
        return None
    library = ctypes.CDLL(None)
    found = hasattr(library, "mallopt") and hasattr(library, "gnu_get_libc_version")
    return library if found else None


_PAGES = Outermost(begin=lambda: _set(_KEPT), end=_give_back)
