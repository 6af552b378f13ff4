"""How libraries that compute are loaded: with kernels that suit, and threads that do not spin.

OpenBLAS, which NumPy's products run on, takes its kernels with AVX-512 wherever a processor has
these instructions. AMD's Zen 4 has them and computes them in two halves: its products run 5 to
10 % faster with the AVX2 kernels.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

VARIABLE = "OPENBLAS_CORETYPE"
_WAITING = "OMP_WAIT_POLICY"
_HEAD = 1 << 12  # bytes that hold the lines of the first core; the file has them for each


def choose_kernels(cpuinfo: Path = Path("/proc/cpuinfo")) -> None:
    """Set the environment variable that OpenBLAS reads, unless a person has set it."""
    better = better_kernels(cpuinfo)
    if better:
        os.environ.setdefault(VARIABLE, better)


def better_kernels(cpuinfo: Path = Path("/proc/cpuinfo")) -> str:
    """Return the kernels to ask for; empty where those that OpenBLAS takes are right or unknown."""
    try:
        with cpuinfo.open(encoding="utf-8", errors="replace") as file:
            lines = file.read(_HEAD)
    except OSError:  # not Linux
        return ""
    zen_3_or_4 = "AuthenticAMD" in lines and re.search(r"^cpu family\s*: 25$", lines, re.MULTILINE)
    return "Haswell" if zen_3_or_4 and " avx512f " in lines else ""


def load_lightgbm() -> Any:
    """Return LightGBM, whose threads sleep while they wait for each other.

    By default they spin, which takes the processor from the very thread that is waited for where
    others want it: a tree may then take a hundred times as long. OpenMP reads the variable once,
    when LightGBM is loaded; what a person has set holds, and other libraries are left alone.
    """
    given = os.environ.get(_WAITING)
    os.environ.setdefault(_WAITING, "passive")
    try:
        import lightgbm
    finally:
        if given is None:
            os.environ.pop(_WAITING, None)
    return lightgbm
