"""Processor, cores, memory and disk, on machines we do not have."""

import os
import shutil
import sys
from collections import namedtuple
from collections.abc import Callable
from pathlib import Path

import pytest

from mulle.doctor import machine

Fake = Callable[[dict[str, str]], None]
linux = pytest.mark.skipif(sys.platform != "linux", reason="/proc is Linux's")


@pytest.fixture
def fake_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Fake:
    """Let the checks of the machine read these files, and no others, below /proc and /sys."""

    def elsewhere(*parts: str | Path) -> Path:
        path = Path(*parts)
        return tmp_path / path.relative_to("/") if path.is_absolute() else path

    def write(files: dict[str, str]) -> None:
        for name, text in files.items():
            place = elsewhere(name)
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text(text, encoding="utf-8")
        for room in ("machine", "memory", "system"):
            monkeypatch.setattr(f"mulle.doctor.{room}.Path", elsewhere)

    return write


@linux
@pytest.mark.parametrize(
    ("cpuinfo", "kind", "features", "status"),
    [
        ("flags\t\t: fpu avx2 avx512f avx512_vnni amx_int8\n", "x86_64",
         ["avx2", "avx512", "vnni", "amx"], "ok"),
        ("flags : fpu sse2\n", "x86_64", [], "fail"),
        ("Features : fp asimd asimddp\n", "aarch64", ["dot_product"], "ok"),
        ("nothing we know\n", "riscv64", [], "ok"),
    ],
)  # fmt: skip
def test_cpu_features(
    fake_files: Fake,
    monkeypatch: pytest.MonkeyPatch,
    cpuinfo: str,
    kind: str,
    features: list[str],
    status: str,
) -> None:
    fake_files({"/proc/cpuinfo": cpuinfo})
    monkeypatch.setattr("platform.machine", lambda: kind)
    found = machine.cpu_features()
    assert (found.values["features"], found.status) == (features, status)


@linux
@pytest.mark.parametrize(
    ("files", "allowed"),
    [
        ({}, 8),
        ({"/proc/self/cgroup": "0::/a/b\n", "/sys/fs/cgroup/a/cpu.max": "150000 100000"}, 1.5),
        ({"/proc/self/cgroup": "0::/\n", "/sys/fs/cgroup/cpu.max": "max 100000"}, 8),
        ({"/sys/fs/cgroup/cpu/cpu.cfs_quota_us": "200000\n",
          "/sys/fs/cgroup/cpu/cpu.cfs_period_us": "100000\n"}, 2),
        ({"/sys/fs/cgroup/cpu/cpu.cfs_quota_us": "-1\n",
          "/sys/fs/cgroup/cpu/cpu.cfs_period_us": "100000\n"}, 8),
    ],
)  # fmt: skip
def test_cores_within_the_quota_of_the_container(
    fake_files: Fake, monkeypatch: pytest.MonkeyPatch, files: dict[str, str], allowed: float
) -> None:
    monkeypatch.setattr(os, "cpu_count", lambda: 8)
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(8)))
    fake_files(files)
    found = machine.cpu_cores()
    assert found.values == {"counted": 8, "allowed": allowed}
    assert found.status == ("ok" if allowed == 8 else "note")


@linux
def test_cores_within_the_affinity(fake_files: Fake, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "cpu_count", lambda: 8)
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0, 3, 5})
    fake_files({})
    assert machine.cpu_cores().fix_command == "export OMP_NUM_THREADS=3"


@linux
@pytest.mark.parametrize(
    ("limit_mib", "used_mib", "available_mib", "status"),
    [(None, 0, 3000, "ok"), (2048, 512, 1536, "note"), (1024, 900, 124, "warn")],
)
def test_memory_within_the_limit_of_the_container(
    fake_files: Fake, limit_mib: int | None, used_mib: int, available_mib: int, status: str
) -> None:
    limit = "max" if limit_mib is None else str(limit_mib * 2**20)
    total, available = 4000 * 1024, 3000 * 1024
    fake_files(
        {
            "/proc/meminfo": f"MemTotal: {total} kB\nMemAvailable: {available} kB\n",
            "/proc/self/cgroup": "0::/\n",
            "/sys/fs/cgroup/memory.max": limit,
            "/sys/fs/cgroup/memory.current": str(used_mib * 2**20),
        }
    )
    found = machine.memory()
    assert (found.values["available_bytes"], found.status) == (available_mib * 2**20, status)


@pytest.mark.parametrize(("free", "status"), [(2**31, "ok"), (2**29, "warn"), (2**20, "fail")])
def test_disk(monkeypatch: pytest.MonkeyPatch, free: int, status: str) -> None:
    usage = namedtuple("usage", ["total", "used", "free"])
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage(2**40, 0, free))
    assert machine.disk().status == status
