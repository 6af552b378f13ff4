"""All relations of a table from one scan of it; what is not looked at says so, with the reason."""

from __future__ import annotations

import msgspec
import numpy as np
from threadpoolctl import threadpool_limits

from mulle.table import Kind
from mulle.verbs.explore.relation_data import Component, Matrix, Missing, Relations
from mulle.verbs.explore.relations import numbers as num
from mulle.verbs.explore.relations.encoded import CATEGORIES, NUMBERS, EncodedColumn, encode
from mulle.verbs.explore.relations.pairs import Measured, measure
from mulle.verbs.explore.relations.plots import plots
from mulle.verbs.explore.relations.twins import alike, equal
from mulle.verbs.explore.report import NotComputed
from mulle.verbs.explore.scan import Scan
from mulle.verbs.explore.to_json import rounded

WEIGHTS = 6  # of a component that are told


def relate(
    scan: Scan, most: int, seed: int, target: str = ""
) -> tuple[Relations, dict[str, EncodedColumn], list[NotComputed]]:
    """Return relations, the encoded sample of the columns in pairs, and what was left out.

    Args:
        scan: of the table.
        most: columns that are looked at in pairs: the target, then the first of the table.
        seed: of what is drawn.
        target: a column that is looked at in any case.
    """
    able = [c for c in scan.columns if c.kind in NUMBERS | CATEGORIES]
    able.sort(key=lambda c: c.name != target)
    columns = {c.name: encode(c, scan.sample[c.name]) for c in able[:most]}
    ordered = [columns[c.name] for c in scan.columns if c.name in columns]
    with threadpool_limits(1, "blas"):  # beside a busy core, two threads of BLAS wait and wait
        measured = measure(ordered, seed)
    names = [c.name for c in scan.columns]
    twins = equal(scan.whole.fingerprints if scan.whole else {}, _telling(scan))
    twins = [*twins, *alike(measured, twins)]
    relations = Relations(
        [c.name for c in ordered],
        measured.mixed() if len(ordered) > 1 else None,
        measured.matrices(),
        [measured.pair(i, j) for i, j in measured.strongest()],
        plots(measured, twins, seed),
        twins,
        _missing(scan, names, most),
        scan.whole.duplicates() if scan.whole else None,
        _components(measured),
    )
    return relations, columns, _left_out(scan, [c.name for c in able[most:]], most)


def _telling(scan: Scan) -> list[str]:
    """Return columns whose equality is meaningful: not empty ones or constants."""
    return [c.name for c in scan.columns if c.kind is not Kind.constant]


def _missing(scan: Scan, names: list[str], most: int) -> Missing:
    found = scan.whole.missing(names) if scan.whole else Missing()
    lacking = {n: s.is_null().to_numpy() for n, s in scan.sample.items() if s.null_count()}
    some = [n for n in names if n in lacking and not lacking[n].all()][:most]
    if len(some) < 2:
        return found
    masks = np.stack([lacking[n] for n in some], axis=1).astype(np.float64)
    together = Matrix("pearson", some, some, rounded(num.pearson(masks)[0]))
    return msgspec.structs.replace(found, together=together)


def _components(measured: Measured) -> list[Component]:
    places = [k for k, c in enumerate(measured.columns) if c.column.kind is not Kind.datetime
              and c.is_number]  # fmt: skip
    if len(places) < 3:
        return []
    shares, directions = num.components(measured.found["pearson"][np.ix_(places, places)])
    out = []
    for share, direction in zip(shares, directions, strict=True):
        largest = np.argsort(-np.abs(direction), kind="stable")[:WEIGHTS]
        weights = {measured.columns[places[k]].name: round(float(direction[k]), 4) for k in largest}
        out.append(Component(float(share), weights))
    return out


def _left_out(scan: Scan, beyond: list[str], most: int) -> list[NotComputed]:
    out = []
    if beyond:
        values = {"limit": most, "count": len(beyond), "columns": beyond[:20]}
        out.append(NotComputed("pairs", "too-many-columns", values))
    for kind in (Kind.text, Kind.id, Kind.constant, Kind.image):
        some = [c.name for c in scan.of_kind(kind)]
        if some:
            values = {"kind": kind.value, "count": len(some), "columns": some[:20]}
            out.append(NotComputed("pairs", "kind", values))
    if scan.whole is None:
        out.append(NotComputed("duplicate-rows", "too-many-rows", {"rows": scan.height}))
    return out
