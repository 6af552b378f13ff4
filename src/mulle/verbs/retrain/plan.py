"""The plans and options of the champion, so that the challenger is trained the same way."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from mulle.bundle import Manifest
from mulle.errors import UsageError
from mulle.files import write_text
from mulle.store import read_record
from mulle.verbs.fit import Plan, read_plans, write_plans


def plans_of(manifest: Manifest, folders: list[Path]) -> list[Plan]:
    """Return the plans of a bundle, from itself or from the run that made it.

    Args:
        manifest: manifest of the champion.
        folders: `.mulle` folders in which its run may lie.

    Raises:
        UsageError: neither has them.
    """
    if "plan" in manifest.lineage:
        return msgspec.convert(manifest.lineage["plan"], list[Plan])
    for folder in _runs(manifest, folders):
        if (folder / "plan.toml").is_file():
            return read_plans(folder / "plan.toml")
    raise UsageError("plan-not-known")


def fitted_with(manifest: Manifest, folders: list[Path]) -> dict[str, Any]:
    """Return the options that named columns or weighed classes when the champion was fitted."""
    if "settings" in manifest.lineage:
        return dict(manifest.lineage["settings"])
    names = ("time_column", "group", "weight", "class_weight", "cost", "threshold")
    for folder in _runs(manifest, folders):
        if (folder / "run.json").is_file():
            settings = read_record(folder).details.get("settings", {})
            return {name: settings[name] for name in names if settings.get(name)}
    return {}


def write_plan(plans: list[Plan], folder: Path) -> Path:
    """Write the plans as a file that `fit` takes."""
    path = folder / "plan.toml"
    write_text(path, write_plans(plans))
    return path


def _runs(manifest: Manifest, folders: list[Path]) -> Iterator[Path]:
    run = str(manifest.lineage.get("run", ""))
    if run and Path(run).name == run:  # a name, and no path that leads elsewhere
        yield from (folder / "runs" / run for folder in folders)
