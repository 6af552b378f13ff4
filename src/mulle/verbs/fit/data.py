"""From a table to what plans are tried on: the target, the columns, the split, the warnings.

catalogue  split-three split-contam
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

import msgspec

from mulle.arrays import Array
from mulle.decisions import DecisionLog
from mulle.errors import DataError
from mulle.profile import Profile
from mulle.table import (
    Column,
    Doubt,
    Labelled,
    Layout,
    LeftOut,
    Reading,
    Table,
    Target,
    find_target,
    read_labelled,
)
from mulle.table import split as split_rows
from mulle.verbs.fit.data_checks import check_data, log_table, log_target, note_reading
from mulle.verbs.fit.fetch import fetched
from mulle.verbs.fit.large import LargeTable
from mulle.verbs.fit.memory import Memory
from mulle.verbs.fit.progress import Progress
from mulle.verbs.fit.roles import groups_of, times_of, weights_of
from mulle.verbs.fit.settings import Settings
from mulle.verbs.fit.source import fingerprint, read_source
from mulle.verbs.fit.split import Split
from mulle.verbs.fit.unused import (
    cells_left_out,
    columns_left_out,
    keep_telling,
    rows_left_out,
    scores_of,
    target_doubts,
    unused_columns,
)

MIN_ROWS = 8
MAX_TEST_ROWS = 20_000


@dataclass(frozen=True)
class Data:
    """What a run learns from, what that looks like, and what it is tested on.

    Attributes:
        target: what is predicted.
        train, test: rows to learn from and to test on.
        profile: what the training rows look like.
        fingerprint: SHA-256 of the data.
        reading: of the training table, with all that the run does not use in `left_out` and all
            that is in doubt in `doubts`.
        large: the table of which this is a sample, where all its rows can be boosted.
        encoder: folder of the encoder of its texts that was made ready; "" for none.
        seconds_a_text: that the encoder takes, with all cores.
    """

    target: Target
    train: Split
    test: Split
    profile: Profile
    fingerprint: str
    reading: Reading
    large: LargeTable | None = None
    encoder: str = ""
    seconds_a_text: float = 0.0


def prepare(
    source: Any, settings: Settings, log: DecisionLog, progress: Progress, test_source: Any = None
) -> Data:
    """Read the table, find the target, drop what cannot be a feature, split, and warn.

    Args:
        source: a table, at no address.
        test_source: another one; without the second some rows of the first are the test.
        settings, log, progress: of the run.

    Raises:
        DataError: the table is too small or its target cannot be learned.
        UnknownName: a column that is not there.
    """
    memory = Memory(settings.memory)
    table, large = read_source(source, settings, memory)
    digest = fingerprint(source, table)
    target, whole, reading = _learnable(table, settings, log, None if large is None else large.at)
    del table  # its memory is needed for the parts
    if test_source is not None:
        with fetched(test_source) as found:
            tested = _read_test(found, settings, target, whole.table, reading.layout)
        train, test = whole, Split(tested.table, tested.y, None)
        reading = _with(reading, tested.table.reading.left_out, tested.table.reading.doubts)
        how = "given"
    else:
        at_train, at_test = _divide(whole, target, settings)
        how = whole.scheme(target, 2, min(len(at_train), len(at_test)))
        train, test = whole.take(at_train), whole.take(at_test)
        del whole
    train, beyond = memory.sample(train, target, settings.seed)
    reading = _with(reading, beyond)
    log.add("split-made", train=len(train.y), test=len(test.y), how=how)
    note_reading(reading, log, progress)
    check_data(train, test, target, log, progress)
    return Data(target, train, test, Profile.of(train.table), digest, reading, large)


def _learnable(
    table: Table, settings: Settings, log: DecisionLog, at: Array | None
) -> tuple[Target, Split, Reading]:
    """Return the target, the features of all rows that have one, and how they were read.

    Args:
        table, settings, log: as in `prepare`.
        at: positions of the rows in the table that they were drawn from.
    """
    log_table(table, log)
    known = table.height - table.column(settings.target).null_count()
    if 0 < known < MIN_ROWS:
        raise DataError("table-small", where=table.source, count=known, least=MIN_ROWS)
    target, y, rows = find_target(
        table, settings.target, task=settings.task, positive=settings.positive
    )
    log_target(target, y, table.height, log, given=settings.positive is not None)
    labelled = table if len(rows) == table.height else table.take(rows)
    scores = scores_of(labelled, unused_columns(labelled), y, target, settings.seed)
    labelled, doubts = keep_telling(labelled, scores)
    features = _features(labelled, settings, log)
    doubts += target_doubts(labelled, target, given=settings.task is not None)
    left_out = [
        *rows_left_out(table, target, rows),
        *cells_left_out(table, target),
        *columns_left_out(_not_given(labelled, settings), scores),
    ]
    whole, found = _as_split(labelled, y, target, settings, features)
    if at is not None:
        whole = replace(whole, at=at[rows])
    return target, whole, _with(labelled.reading, left_out, [*doubts, *found])


def _with(reading: Reading, left_out: Iterable[LeftOut], doubts: Iterable[Doubt] = ()) -> Reading:
    return msgspec.structs.replace(
        reading,
        left_out=(*reading.left_out, *left_out),
        doubts=(*reading.doubts, *doubts),
    )


def _not_given(table: Table, settings: Settings) -> list[Column]:
    """Return the columns that are no features and have no other role."""
    given = {settings.target, settings.weight, settings.group, settings.time_column}
    given |= {*settings.drop}
    return [column for column in unused_columns(table) if column.name not in given]


def _features(table: Table, settings: Settings, log: DecisionLog) -> list[str]:
    """Return the names of the columns that may be features."""
    roles = {"target": settings.target, "weight": settings.weight, "group": settings.group}
    given = set(settings.drop)
    for name in (*given, *filter(None, (*roles.values(), settings.time_column))):
        table.schema[name]  # an unknown name is refused here, with its near misses
    dropped = {name: role for role, name in roles.items() if name} | dict.fromkeys(given, "given")
    for column in unused_columns(table):
        dropped.setdefault(column.name, column.kind.value)
    for column in table.schema.columns:
        if column.source in dropped:  # of the target too, which it would give away
            dropped[column.name] = dropped[column.source]
    for name, reason in dropped.items():
        if name != settings.target:
            log.add("column-dropped", name, column=name, reason=reason)
    kept = [n for n in table.names if n not in dropped]
    if not kept:
        raise DataError("no-features", where=table.source)
    return kept


def _as_split(
    table: Table, y: Array, target: Target, settings: Settings, features: list[str]
) -> tuple[Split, list[Doubt]]:
    groups, ungrouped = groups_of(table, settings.group)
    times, undated = times_of(table, settings.time_column)
    weight = weights_of(table, y, target, settings)
    return Split(table.select(features), y, weight, groups, times), [*ungrouped, *undated]


def _read_test(
    source: Any, settings: Settings, target: Target, train: Table, layout: Layout
) -> Labelled:
    """Return the rows of `--test` that have a label, in the notation of the training table."""
    try:
        return read_labelled(source, train.schema, target, settings.reading, layout)
    except DataError as error:
        if error.code == "target-missing":
            raise DataError("test-empty", where=error.place) from None
        raise


def _divide(whole: Split, target: Target, settings: Settings) -> tuple[Array, Array]:
    rows = len(whole.y)
    size = min(settings.test_size, MAX_TEST_ROWS / rows)
    at_train, at_test = split_rows(
        rows,
        test_size=size,
        stratify=whole.strata(target),
        groups=whole.groups,
        time=whole.times,
        random_state=settings.seed,
    )
    return at_train, at_test
