"""Train a challenger with `fit`, and record its origin."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

from mulle.bundle import Manifest, load, write_archive
from mulle.verbs.fit import Plan, Progress, Result, fit
from mulle.verbs.retrain.plan import write_plan
from mulle.verbs.retrain.rows import Rows
from mulle.verbs.retrain.settings import Settings
from mulle.verbs.retrain.slots import ModelRef

# Options of the champion that its challenger is fitted with as well.
_KEPT = ("class_weight", "cost", "threshold", "max_latency", "max_size")


def train(
    champion: Manifest,
    rows: Rows,
    plans: list[Plan] | None,
    settings: Settings,
    given: Mapping[str, Any],
    folder: Path,
    progress: Progress | None,
) -> Result:
    """Train a new model of the champion's task, by its plans or by a new search.

    Args:
        plans: plans of the champion; None for a new search.
        given: options that the champion was fitted with.
        folder: folder of the files.

    Raises:
        MulleError: as `fit`.
    """
    options: dict[str, Any] = {**rows.roles}
    if "group" in options:  # folds are made by one of the two
        options.pop("time_column", None)
    options |= {name: given[name] for name in _KEPT if given.get(name)}
    if plans is not None:
        options["plan"] = str(write_plan(plans, folder))
    if champion.task == "binary":
        options["positive"] = str(champion.labels[1])
    return fit(
        rows.train,
        champion.target.name,
        test=rows.holdout,
        task=champion.task,
        metric=settings.metric or champion.metric or None,
        drop=rows.drop,
        time=settings.time,
        trials=settings.trials,
        preset=settings.preset,
        seed=settings.seed,
        n_jobs=settings.n_jobs,
        lang=settings.lang,
        output=str(folder),
        progress=progress,
        **options,
    )


def note_origin(bundle: Path, rows: Rows, champion: ModelRef, loop: str) -> None:
    """Write the rows and the champion that it comes from into the bundle.

    The files' checksums are what tells the next retraining that it has learned from them.
    """
    model = load(bundle)
    lineage = model.manifest.lineage | {
        "source": rows.train.source,
        "files": {Path(name).name: sum for name, sum in rows.counts.files.items()},
        "loop": loop,
        "champion": champion.sha256,
    }
    manifest = msgspec.structs.replace(model.manifest, lineage=lineage)
    write_archive(bundle, manifest, model.members)
