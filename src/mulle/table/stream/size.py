"""From which size on a file is read in chunks."""

from __future__ import annotations

from pathlib import Path

MAX_WHOLE_BYTES = 16 << 20  # a file that is no larger is read at once


def is_large(path: Path) -> bool:
    """Return whether a file is so large that it is read in chunks."""
    return path.stat().st_size > MAX_WHOLE_BYTES
