"""What the machine has: processor features, cores, memory and disk, as far as we may use them."""

from __future__ import annotations

import os
import platform
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

from mulle.doctor.check import CheckResult, on_windows, set_variable, this_python
from mulle.doctor.memory import memory_sizes
from mulle.doctor.system import cgroups, numbers, sysctl

GIB = 2**30

# Our name: the words for it in /proc/cpuinfo and in sysctl of macOS.
FEATURES = {
    "avx2": {"avx2", "AVX2"},
    "avx512": {"avx512f", "AVX512F"},
    "vnni": {"avx512_vnni", "avx_vnni", "AVX512VNNI"},
    "amx": {"amx_tile", "amx_int8"},
    "dot_product": {"asimddp", "FEAT_DotProd"},
}


def cpu_features() -> CheckResult:
    """Which of the instructions that fast arithmetic wants does the processor have?"""
    words = _cpu_words()
    features = cpu_has(words)
    values = {"machine": platform.machine(), "features": features, "known": bool(words)}
    if not words:
        return CheckResult("cpu-features", "ok", "unknown", values)
    if platform.machine().lower() in {"x86_64", "amd64"} and "avx2" not in features:
        fix = this_python('-m pip install --upgrade "polars[rtcompat]"')
        return CheckResult("cpu-features", "fail", "no-avx2", values, fix)
    return CheckResult("cpu-features", "ok", "fine" if features else "none", values)


def cpu_has(words: set[str] | None = None) -> list[str]:
    """The keys of FEATURES that the processor has."""
    words = _cpu_words() if words is None else words
    return [name for name, spellings in FEATURES.items() if spellings & words]


def cpu_cores() -> CheckResult:
    """May we use all the cores that libraries will count?"""
    counted, allowed = os.cpu_count() or 1, cores_allowed()
    values = {"counted": counted, "allowed": allowed}
    if allowed >= counted:
        return CheckResult("cpu-cores", "ok", "fine", values)
    threads = max(1, round(allowed))
    return CheckResult(
        "cpu-cores", "note", "limited", values, set_variable("OMP_NUM_THREADS", str(threads))
    )


def cores_allowed() -> float:
    """Cores by affinity and by the quota of the container, whichever is smaller."""
    allowed = float(os.cpu_count() or 1)
    if sys.platform == "linux":
        allowed = min(allowed, len(os.sched_getaffinity(0)))
    for folder in cgroups("cpu"):
        quota = numbers(folder / "cpu.max") or (
            numbers(folder / "cpu.cfs_quota_us") + numbers(folder / "cpu.cfs_period_us")
        )
        if len(quota) == 2 and min(quota) > 0:  # "max 100000" and "-1 100000": no limit
            allowed = min(allowed, quota[0] / quota[1])
    return allowed


def memory() -> CheckResult:
    """Is there memory to work in?"""
    total, available = memory_sizes()
    values = {"total_bytes": total, "available_bytes": available}
    if total is None or available is None:
        return CheckResult("memory", "ok", "total" if total else "unknown", values)
    if available >= 2 * GIB:
        return CheckResult("memory", "ok", "free", values)
    holders = (
        "Get-Process | Sort-Object WorkingSet64 -Descending | Select-Object -First 10"
        if on_windows()
        else "ps -Ao rss,pid,comm | sort -rn | head"
    )
    return CheckResult("memory", "warn" if available < GIB else "note", "free", values, holders)


def disk() -> CheckResult:
    """Is there room in the working folder and in the folder for temporary files?"""
    places = {"working": Path.cwd(), "temporary": Path(tempfile.gettempdir())}
    free = {name: shutil.disk_usage(path).free for name, path in places.items()}
    least = min(free, key=lambda name: free[name])
    values: dict[str, Any] = {f"{name}_bytes": size for name, size in free.items()}
    values |= {"free": free[least], "folder": str(places[least])}
    if free[least] >= GIB:
        return CheckResult("disk", "ok", least, values)
    full = free[least] < GIB / 10
    return CheckResult(
        "disk", "fail" if full else "warn", least, values, this_python("-m pip cache purge")
    )


def _cpu_words() -> set[str]:
    """Feature names as the system spells them; empty where it does not tell."""
    if sys.platform == "darwin":
        names = "machdep.cpu.features", "machdep.cpu.leaf7_features", "hw.optional.arm"
        lines = [line for name in names for line in sysctl(name)]
        on = (line for line in lines if not line.endswith(": 0"))
        return {word.rsplit(".", 1)[-1].rstrip(":") for line in on for word in line.split()}
    try:
        text = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return set()
    flags = (line for line in text.splitlines() if line.startswith(("flags", "Features")))
    return set(next(flags, "").partition(":")[2].split())
