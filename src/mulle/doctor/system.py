"""What the system tells of itself in files and by commands: control groups, sysctl."""

from __future__ import annotations

import subprocess
from pathlib import Path


def sysctl(name: str) -> list[str]:
    """Lines `key: value` of one key or family of keys; none where the key does not exist."""
    done = subprocess.run(["sysctl", name], capture_output=True, timeout=5, check=False)
    return done.stdout.decode("utf-8", "replace").splitlines()


def cgroups(controller: str) -> list[Path]:
    """The folders of our control group and of its parents (version 2), or of version 1."""
    root = Path("/sys/fs/cgroup")
    if (root / controller).is_dir():
        return [root / controller]
    try:
        lines = Path("/proc/self/cgroup").read_text(encoding="utf-8").splitlines()
    except OSError:
        return []
    own = next((line[3:] for line in lines if line.startswith("0::")), "/")
    group = root / own.strip("/")
    return [folder for folder in (group, *group.parents) if folder.is_relative_to(root)]


def numbers(path: Path) -> list[float]:
    """The numbers in a file of the kernel; none where it is absent or says `max`."""
    try:
        words = path.read_text(encoding="ascii").split()
        return [float(word) for word in words]
    except (OSError, ValueError):
        return []
