"""What every benchmark prints first: the machine, the versions, and how to repeat it."""

from __future__ import annotations

import os
import platform
import sys
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path


def header(claim: str, *libraries: str) -> None:
    """Print what is measured, on what, and with which versions."""
    print(f"# {claim}")
    print(f"machine   {os.cpu_count()} cores, {platform.machine()}, {platform.system()}")
    print(f"versions  Python {platform.python_version()}, " + ", ".join(map(_named, libraries)))
    print(f"repeat    python {' '.join(sys.argv)}")
    print()


def _named(library: str) -> str:
    try:
        return f"{library} {version(library)}"
    except PackageNotFoundError:
        return f"{library} absent"


def tables() -> Path:
    """The folder of the real tables, from the environment variable MULLE_DATA."""
    folder = os.environ.get("MULLE_DATA")
    if not folder:
        sys.exit("Set MULLE_DATA to the folder that holds tables/ and text/.")
    return Path(folder) / "tables"
