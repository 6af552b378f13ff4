"""Memory: what the machine has, what this process may take of it, holds now, and held at most."""

from __future__ import annotations

import ctypes
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

from mulle.doctor.system import cgroups, numbers, sysctl

_KIB = 1024
_M_ARENA_MAX = -8  # of malloc.h


def memory_sizes() -> tuple[int | None, int | None]:
    """Bytes in all and bytes free, within the limit of the container."""
    if sys.platform == "win32":
        return _windows_memory()
    if sys.platform == "darwin":
        sizes = [int(line.split()[-1]) for line in sysctl("hw.memsize")]
        return (sizes or [None])[0], None
    text = Path("/proc/meminfo").read_text(encoding="ascii", errors="replace")
    sizes_kb = {line.split(":")[0]: int(line.split()[1]) for line in text.splitlines()}
    total, available = sizes_kb["MemTotal"] * 1024, sizes_kb["MemAvailable"] * 1024
    for folder in cgroups("memory"):
        limit = numbers(folder / "memory.max") or numbers(folder / "memory.limit_in_bytes")
        used = numbers(folder / "memory.current") or numbers(folder / "memory.usage_in_bytes")
        if limit and used and limit[0] < total:
            free = limit[0] - used[0] + _inactive(folder)
            total, available = int(limit[0]), min(available, int(free))
    space = _address_space()
    if space is not None:
        total, available = min(total, space[0]), min(available, space[1])
    return total, max(0, available)


def spare_addresses() -> None:
    """Let this process reserve few addresses where a limit is set on them (`ulimit -v`).

    The C library of Linux sets 64 MB of addresses aside for every thread, and a fit has sixteen:
    most of a gigabyte that nothing is ever stored in. With one arena for all there is none of it.
    """
    if sys.platform != "linux" or _address_space() is None:
        return
    with suppress(OSError, AttributeError):  # a C library without the call
        ctypes.CDLL(None).mallopt(_M_ARENA_MAX, 1)


def resident_bytes() -> int:
    """Return the bytes of memory that this process holds; its peak where the system has no more."""
    return _status_bytes("VmRSS") or peak_bytes()


def anonymous_bytes() -> int:
    """Return the bytes that this process holds apart from files that are mapped into its memory."""
    return _status_bytes("RssAnon") or resident_bytes()


def peak_bytes() -> int:
    """Return the most bytes of memory that this process has held; 0 where that is unknown."""
    if sys.platform == "win32":
        return _windows_peak()
    found = _status_bytes("VmHWM")
    if found is not None:
        return found
    import resource

    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most if sys.platform == "darwin" else most * _KIB


def _status_bytes(name: str) -> int | None:
    """Return a line of /proc/self/status in bytes; None where there is none."""
    with suppress(OSError, ValueError, IndexError):
        for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines():
            if line.startswith(f"{name}:"):
                return int(line.split()[1]) * _KIB
    return None


def _address_space() -> tuple[int, int] | None:
    """Return the limit of addresses (`ulimit -v`) and what is left of it; None without one."""
    import resource

    limit = resource.getrlimit(resource.RLIMIT_AS)[0]
    if limit == resource.RLIM_INFINITY:
        return None
    return limit, max(0, limit - (_status_bytes("VmSize") or 0))


def _inactive(folder: Path) -> float:
    """Return the bytes of files in a control group that the kernel gives back when asked."""
    with suppress(OSError, ValueError):
        for line in (folder / "memory.stat").read_text(encoding="ascii").splitlines():
            if line.startswith("inactive_file "):
                return float(line.split()[1])
    return 0.0


def _windows_memory() -> tuple[int | None, int | None]:
    class MemoryStatus(ctypes.Structure):
        """MEMORYSTATUSEX of the Windows API."""

        _fields_ = (
            ("size", ctypes.c_uint32),
            ("load", ctypes.c_uint32),
            *((name, ctypes.c_uint64) for name in ("total", "available", "a", "b", "c", "d", "e")),
        )

    status = MemoryStatus(size=ctypes.sizeof(MemoryStatus))
    if not _windows_kernel().GlobalMemoryStatusEx(ctypes.byref(status)):
        return None, None
    return int(status.total), int(status.available)


def _windows_peak() -> int:
    class Counters(ctypes.Structure):
        """PROCESS_MEMORY_COUNTERS of the Windows API."""

        _fields_ = (
            ("size", ctypes.c_uint32),
            ("faults", ctypes.c_uint32),
            *((name, ctypes.c_size_t) for name in ("peak", "now", "a", "b", "c", "d", "e", "f")),
        )

    counters = Counters(size=ctypes.sizeof(Counters))
    kernel = _windows_kernel()
    process = ctypes.c_void_p(kernel.GetCurrentProcess())
    done = kernel.K32GetProcessMemoryInfo(process, ctypes.byref(counters), counters.size)
    return int(counters.peak) if done else 0


def _windows_kernel() -> Any:
    return getattr(ctypes, "windll").kernel32  # noqa: B009 - absent elsewhere
