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

from mulle.doctor.check import Check, set_variable, this_python
from mulle.doctor.machine import cpu_has

# Where wheels keep the shared libraries that they bring along.
_BUNDLED = ("*.libs/*", "*/.libs/*", "*/.dylibs/*", "*/lib/*omp*", "*/bin/*omp*")
_OPENMP = re.compile(r"(?:lib)?(gomp|iomp5(?:md)?|omp140|omp|vcomp140)[^/\\]*\.(?:so|dylib|dll)")


def library_versions() -> Check:
    """Are the libraries we need there, and new enough?"""
    try:
        wanted = dict(_requirements())
    except importlib.metadata.PackageNotFoundError:
        what = "mulle runs from its sources and is not installed."
        return Check("library-versions", "note", what, {}, this_python("-m pip install ."))
    found = {name: _installed(name) for name in wanted}
    wrong = [n for n, low in wanted.items() if _numbers(found[n] or "") < _numbers(low)]
    values = {"versions": found, "wanted": wanted, "wrong": wrong}
    if not wrong:
        what = f"All {len(wanted)} libraries are there and new enough."
        return Check("library-versions", "ok", what, values)
    named = ", ".join(f"{n} ({found[n] or 'absent'}, needs {wanted[n]})" for n in wrong)
    specs = " ".join(f'"{name}>={wanted[name]}"' for name in wrong)
    fix = this_python(f"-m pip install {specs}")
    return Check("library-versions", "fail", f"Libraries missing or too old: {named}.", values, fix)


def openmp_runtimes() -> Check:
    """Does more than one OpenMP runtime stand ready to be loaded into one process?

    Two of them oversubscribe the cores; on macOS and Windows, the LLVM and Intel builds together
    can stop the process. On Linux wheels rename their copies apart, so it is only noted there.
    """
    shipped, loaded = sorted(set(_shipped_openmp())), sorted(set(_loaded_openmp()))
    values = {"shipped": shipped, "loaded": loaded}
    if len(shipped) <= 1 and len(loaded) <= 1:
        return Check("openmp-runtimes", "ok", "At most one OpenMP runtime.", values)
    families = {match[1] for name in shipped if (match := _OPENMP.search(Path(name).name))}
    clash = sys.platform != "linux" and {"omp", "iomp5"} <= {
        f.removesuffix("md").removesuffix("140") for f in families
    }
    what = f"{len(shipped)} OpenMP runtimes are installed: {', '.join(shipped)}."
    fix = "conda create -n mulle -c conda-forge python=3.11 lightgbm scikit-learn"
    return Check("openmp-runtimes", "warn" if clash else "note", what, values, fix)


def openblas_kernel() -> Check:
    """Has OpenBLAS chosen its AVX-512 kernels where the processor has AVX-512?"""
    code = "openblas-kernel"
    if "avx512" not in cpu_has():
        return Check(code, "ok", "No AVX-512 is known of, so OpenBLAS has no better choice.")
    if not all(importlib.util.find_spec(name) for name in ("numpy", "threadpoolctl")):
        return Check(code, "ok", "OpenBLAS was not asked: NumPy or threadpoolctl is absent.")
    import numpy  # noqa: F401 - so that its OpenBLAS is loaded and can be asked
    import threadpoolctl

    pools = [p for p in threadpoolctl.threadpool_info() if p.get("internal_api") == "openblas"]
    chosen = sorted({str(pool.get("architecture")) for pool in pools})
    values = {"architectures": chosen}
    if "Haswell" in chosen:
        what = "OpenBLAS uses its AVX2 kernels (Haswell) on a processor that has AVX-512."
        fix = set_variable("OPENBLAS_CORETYPE", "SkylakeX")
        return Check(code, "note", what, values, fix)
    return Check(code, "ok", f"OpenBLAS kernels: {', '.join(chosen) or 'none loaded'}.", values)


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
