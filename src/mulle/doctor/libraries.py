"""The libraries mulle stands on: their versions, their thread runtimes, their kernels.

catalogue  env-framework
"""

from __future__ import annotations

import importlib.metadata
import importlib.util
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from mulle.doctor.check import CheckResult, set_variable, this_python
from mulle.doctor.machine import cpu_has
from mulle.kernels import better_kernels

# Where wheels keep the shared libraries that they bring along.
_BUNDLED = ("*.libs/*", "*/.libs/*", "*/.dylibs/*", "*/lib/*omp*", "*/bin/*omp*")
_OPENMP = re.compile(r"(?:lib)?(gomp|iomp5(?:md)?|omp140|omp|vcomp140)[^/\\]*\.(?:so|dylib|dll)")


def library_versions() -> CheckResult:
    """Are the libraries we need there, and new enough?"""
    try:
        wanted = dict(_requirements())
    except importlib.metadata.PackageNotFoundError:
        return CheckResult(
            "library-versions", "note", "not-installed", {}, this_python("-m pip install .")
        )
    found = {name: _installed(name) for name in wanted}
    wrong = [n for n, low in wanted.items() if _numbers(found[n] or "") < _numbers(low)]
    values: dict[str, Any] = {"versions": found, "wanted": wanted, "wrong": wrong}
    if not wrong:
        values["count"] = len(wanted)
        return CheckResult("library-versions", "ok", "fine", values)
    values["named"] = [f"{n} {found[n] or '–'} (>={wanted[n]})" for n in wrong]
    specs = " ".join(f'"{name}>={wanted[name]}"' for name in wrong)
    fix = this_python(f"-m pip install {specs}")
    return CheckResult("library-versions", "fail", "old", values, fix)


def openmp_runtimes() -> CheckResult:
    """Does more than one OpenMP runtime stand ready to be loaded into one process?

    Two of them oversubscribe the cores; on macOS and Windows, the LLVM and Intel builds together
    can stop the process. On Linux wheels rename their copies apart, so it is only noted there.
    """
    shipped, loaded = sorted(set(_shipped_openmp())), sorted(set(_loaded_openmp()))
    values: dict[str, Any] = {"shipped": shipped, "loaded": loaded}
    if len(shipped) <= 1 and len(loaded) <= 1:
        return CheckResult("openmp-runtimes", "ok", "fine", values)
    families = {match[1] for name in shipped if (match := _OPENMP.search(Path(name).name))}
    clash = sys.platform != "linux" and {"omp", "iomp5"} <= {
        f.removesuffix("md").removesuffix("140") for f in families
    }
    # Those that are loaded may come from the system, and not from a wheel.
    runtimes = max(shipped, loaded, key=len)
    values |= {"count": len(runtimes), "runtimes": runtimes}
    fix = "conda create -n mulle -c conda-forge python=3.11 lightgbm scikit-learn"
    return CheckResult("openmp-runtimes", "warn" if clash else "note", "several", values, fix)


def openblas_kernel() -> CheckResult:
    """Has OpenBLAS chosen its AVX-512 kernels where the processor is faster with them?"""
    code = "openblas-kernel"
    if "avx512" not in cpu_has():
        return CheckResult(code, "ok", "no-avx512")
    if not all(importlib.util.find_spec(name) for name in ("numpy", "threadpoolctl")):
        return CheckResult(code, "ok", "not-asked")
    import numpy  # noqa: F401 - so that its OpenBLAS is loaded and can be asked
    import threadpoolctl

    pools = [p for p in threadpoolctl.threadpool_info() if p.get("internal_api") == "openblas"]
    chosen = sorted({str(pool.get("architecture")) for pool in pools})
    values = {"architectures": chosen}
    if "Haswell" in chosen and better_kernels() != "Haswell":
        fix = set_variable("OPENBLAS_CORETYPE", "SkylakeX")
        return CheckResult(code, "note", "avx2", values, fix)
    return CheckResult(code, "ok", "fine" if chosen else "none", values)


def _requirements() -> Iterator[tuple[str, str]]:
    """Name and lowest version of each library of the core install."""
    for line in importlib.metadata.requires("mulle") or []:
        if "extra ==" not in line and (match := re.match(r"([\w.-]+).*?>=([\d.]+)", line)):
            yield match[1], match[2]


def _installed(name: str) -> str | None:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return None


def _numbers(version: str) -> tuple[int, ...]:
    """The release as numbers, without trailing zeros: 1.20.0rc1 -> (1, 20)."""
    release = re.match(r"[\d.]*", version)
    parts = [int(p) for p in (release[0] if release else "").split(".") if p]
    while parts and parts[-1] == 0:
        parts.pop()
    return tuple(parts)


def _shipped_openmp() -> Iterator[str]:
    """OpenMP libraries inside the installed packages, as package/file."""
    sites = {Path(p) for p in sys.path if p.endswith(("site-packages", "dist-packages"))}
    for site in sites:
        for pattern in _BUNDLED:
            for path in site.glob(pattern):
                if _OPENMP.match(path.name):
                    yield path.relative_to(site).as_posix()


def _loaded_openmp() -> Iterator[str]:
    """OpenMP libraries in this process now; only Linux tells."""
    try:
        text = Path("/proc/self/maps").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return
    for line in text.splitlines():
        path = line.split(maxsplit=5)[5:]
        if path and _OPENMP.match(Path(path[0]).name):
            yield path[0]
