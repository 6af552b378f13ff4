"""From a trained pipeline to the model of a bundle, and from there to the file that ships.

One door for all that makes bundles: `package`, then `prove`, `score` and `measure_latency`, then
`deliver`.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import polars as pl

from mulle.arrays import Array
from mulle.bundle.archive import CARD, MODEL, REFERENCE, TOKENIZER, TRIAL, WATCH, pack_archive
from mulle.bundle.baseline import MonitoringBaseline
from mulle.bundle.card import card
from mulle.bundle.kept import hold_place, put
from mulle.bundle.latency import Latency
from mulle.bundle.manifest import Manifest, Proof
from mulle.bundle.model import Model, load_bytes
from mulle.bundle.same_model import check_place
from mulle.bundle.trace import Traceable, trace
from mulle.bundle.trial import record_trial
from mulle.graph import MISSING_DATE, MISSING_STRING
from mulle.i18n import Lang
from mulle.profile import Profile
from mulle.table import Column, Kind, Storage

_NUMBERS_PER_BATCH = 4_000_000  # 32 MB of float64 for the widest matrix of a graph
_MIN_BATCH_ROWS, _MAX_BATCH_ROWS = 16, 10_000


def package(
    pipeline: Traceable, manifest: Manifest, profile: Profile | None = None, *, width: int = 0
) -> Model:
    """Return the model of a trained pipeline, not yet proved or written.

    Args:
        pipeline: what the graph is made from.
        manifest: what is known of it: target, schema, labels, threshold, lineage.
        profile: of the training rows, for `watch`.
        width: the most numbers that the graph holds for one row; rows are batched by it.
    """
    encoders = getattr(pipeline, "encoders", {})
    read = {column: told for column, told in manifest.tokens.items() if column in encoders}
    manifest = msgspec.structs.replace(manifest, tokens=read)
    graph = trace(pipeline, manifest)
    if width:
        rows = np.clip(_NUMBERS_PER_BATCH // width, _MIN_BATCH_ROWS, _MAX_BATCH_ROWS)
        manifest = msgspec.structs.replace(manifest, batch_rows=int(rows))
    members = {MODEL: graph}
    for encoder in encoders.values():
        members[TOKENIZER] = encoder.tokenizer.definition.encode()
    if profile is not None:
        members[REFERENCE] = profile.to_arrow_bytes()
    return Model(manifest, graph, members)


def deliver(
    path: Path | None,
    model: Model,
    *,
    proof: Proof,
    scores: Mapping[str, Mapping[str, float | None]],
    latency: Latency,
    baseline: MonitoringBaseline | None = None,
    lang: Lang = "en",
    replace: bool = True,
) -> Model:
    """Write a model as the file that ships, and return it as loaded from its bytes.

    Args:
        path: of the `.mulle` file; it is written whole or not at all. None: nothing is written.
        model: from `package`.
        proof: that its graph is its pipeline.
        scores: by part of the data (`validation`, `test`) and metric.
        latency: of one row.
        baseline: what `watch` compares with.
        lang: of the model card.
        replace: whether it may take the place of another model, see `check_place`. Whatever stood
            there is kept, see `kept`.

    Raises:
        UsageError: another model, or something else, stands there.
        RunError: the file cannot be written.
    """
    manifest = msgspec.structs.replace(
        model.manifest,
        parity=proof,
        scores={part: dict(found) for part, found in scores.items()},
        latency_us=latency._asdict(),
    )
    members = {**model.members, CARD: card(manifest, lang).encode()}
    if baseline is not None:
        members[WATCH] = baseline.to_json()
    members[TRIAL] = msgspec.json.encode(record_trial(model))
    data = pack_archive(manifest, members)
    if path is not None:
        with hold_place(path):
            if not replace:
                check_place(path, manifest)
            put(path, data)
    return load_bytes(data, str(path or ""))


def usual_values(columns: tuple[Column, ...], arrays: Mapping[str, Array]) -> dict[str, Any]:
    """Return the usual value of each column: the median, or the most frequent text; no image."""
    return {c.name: _usual_value(c, arrays[c.name][:, 0]) for c in columns}


def _usual_value(column: Column, values: Array) -> Any:
    if column.kind is Kind.image:
        return None
    if column.storage is Storage.number:
        seen = values[~np.isnan(values)]
        return float(np.median(seen)) if len(seen) else None
    if column.storage is Storage.date:
        seen = values[values != MISSING_DATE]
        return int(np.sort(seen)[len(seen) // 2]) if len(seen) else None
    counts = pl.Series("text", values, dtype=pl.String).value_counts()
    counts = counts.filter(pl.col("count") == pl.col("count").max())
    most_frequent = str(counts["text"].min())
    return None if most_frequent == MISSING_STRING else most_frequent
