"""How long it takes until anything happens, and how much is installed.

Median of whole processes, each in turn with its peers: `import mulle` and `mulle --help` against
importing FLAML and AutoGluon, as far as they are installed.

    pip install . "flaml[automl]"
    python benchmarks/imports.py
"""

from __future__ import annotations

import importlib.util
import statistics
import subprocess
import sys
import sysconfig
import time
from importlib.metadata import distribution, requires
from pathlib import Path

from common import header
from packaging.requirements import Requirement

RUNS = 9


def seconds(command: list[str]) -> float:
    """Median wall clock of a command."""
    subprocess.run(command, check=True, capture_output=True)
    taken = []
    for _ in range(RUNS):
        begin = time.perf_counter()
        subprocess.run(command, check=True, capture_output=True)
        taken.append(time.perf_counter() - begin)
    return statistics.median(taken)


def installed_megabytes(name: str) -> tuple[float, int]:
    """Megabytes and number of the packages that installing `name` brings."""
    seen: set[str] = set()
    wanted = [name]
    total = 0
    while wanted:
        current = wanted.pop().lower().replace("_", "-")
        if current in seen:
            continue
        seen.add(current)
        files = distribution(current).files or []
        total += sum(_size(Path(str(f.locate()))) for f in files)
        for line in requires(current) or []:
            need = Requirement(line)
            if need.marker is None or need.marker.evaluate({"extra": ""}):
                wanted.append(need.name)
    return total / 1e6, len(seen)


def _size(path: Path) -> int:
    return path.stat().st_size if path.is_file() else 0


def main() -> None:
    """Time each, and print the ratios."""
    header("Start-up and size", "mulle", "flaml", "autogluon.tabular")
    python = sys.executable
    mulle = Path(sysconfig.get_path("scripts")) / "mulle"
    commands = {
        "python -c pass": [python, "-c", "pass"],
        "import mulle": [python, "-c", "import mulle"],
        "mulle --help": [str(mulle), "--help"],
    }
    for peer, module in {"import flaml": "flaml", "import autogluon": "autogluon.tabular"}.items():
        if importlib.util.find_spec(module.split(".")[0]):
            line = "from flaml import AutoML" if module == "flaml" else f"import {module}"
            commands[peer] = [python, "-c", line]
    figures = {name: seconds(command) for name, command in commands.items()}
    ours = figures["import mulle"]
    print(f"{'':20}{'seconds':>10}{'ratio to import mulle':>24}")
    for name, value in figures.items():
        print(f"{name:20}{value:10.3f}{value / ours:24.1f}")
    size, packages = installed_megabytes("mulle")
    print(f"\ninstalled: {size:.0f} MB in {packages} packages")


if __name__ == "__main__":
    main()
