"""A script of public libraries that trains a blend again and scores it, from its pieces."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from mulle.arrays import Array
from mulle.i18n import Messages
from mulle.table import Kind, Storage, Table
from mulle.verbs.code.learners import is_written
from mulle.verbs.code.loading import Loading
from mulle.verbs.code.members import blend_lines, write_member
from mulle.verbs.code.preamble import preamble_of
from mulle.verbs.code.scores import write_score
from mulle.verbs.code.split import Rows, write_folds, write_test_split
from mulle.verbs.code.values import write_value
from mulle.verbs.fit.data import Data
from mulle.verbs.fit.members import Member
from mulle.verbs.fit.settings import Settings

_HEAD = '"""'
_ON_ROWS = [
    "def on_rows(rows, fit, **settings):",
    '    """Return the predictions of a model that learns from some of the training rows."""',
    "    some = None if weight is None else weight[rows]",
    "    return fit(rows_of(train, rows), y[rows], some, test, **settings)",
]


@dataclass(frozen=True)
class Facts:
    """What a script is written from.

    Attributes:
        run: the id.
        settings: of the run.
        data: as the run has read and divided it.
        table: all rows that have a label.
        members: as they were trained.
        scheme, folds: how training rows were divided.
        threshold, metric, score: of the model; the score is that on the test rows.
    """

    run: str
    settings: Settings
    data: Data
    table: Table
    members: list[Member]
    scheme: str
    folds: int
    threshold: float
    metric: str
    score: float

    @property
    def classes(self) -> int:
        """How many classes there are; 0 for values."""
        return len(self.data.target.labels)

    @property
    def features(self) -> list[str]:
        """The columns that the members read."""
        names = [name for member in self.members for name in member.plan.columns]
        return list(dict.fromkeys(names))

    @property
    def columns(self) -> list[str]:
        """The columns that the script reads."""
        given = self.settings
        roles = (given.target, given.weight, given.group, given.time_column)
        return list(dict.fromkeys([*self.features, *(name for name in roles if name)]))

    @property
    def left_out(self) -> list[str]:
        """The members that a script cannot train."""
        return [m.plan.name for m in self.members if not _can_write(m)]


def _can_write(member: Member) -> bool:
    written = (is_written(member.plan.learner, part) for part in member.parts)
    steps = {step["step"] for features in member.plan.features for step in features.steps}
    return not member.mapped and "Pixels" not in steps and all(written)


def write_data(facts: Facts, loading: Loading, test: Loading | None, words: Messages) -> list[str]:
    """Return the lines that read the rows and divide them.

    Args:
        facts: of the run.
        loading: of the table.
        test: of the table of test rows, where one was given.
        words: of the language of the comments.
    """
    settings, rows = facts.settings, _rows(facts)
    names = write_value(facts.features)
    lines = [
        *_comment(words("code.load")),
        *loading.lines,
        f"table = table.filter({_column(settings.target)}.is_not_null())",
        f"columns = as_columns(table.select({names}))",
        f"y_all = {_target(facts, 'table')}",
        *_weights(facts),
    ]
    if settings.time_column is not None:
        lines.append(f"moments_all = moments_of({_moments(facts)})")
    if settings.group is not None:
        lines.append(f"groups_all = groups_of(table[{write_value(settings.group)}])")
    lines += ["", *_comment(words("code.split"))]
    if test is not None:
        lines += [
            *test.lines,
            f"test = as_columns(table_test.select({names}))",
            f"y_test, train_rows = {_target(facts, 'table_test')}, np.arange({rows.count})",
        ]
    else:
        lines += [
            *write_test_split(rows),
            "test, y_test = rows_of(columns, test_rows), y_all[test_rows]",
        ]
    return [*lines, *_training(facts, rows)]


def _training(facts: Facts, rows: Rows) -> list[str]:
    """Return the lines that take the training rows, and divide them where a member needs it."""
    lines, kept = [], len(facts.data.train.y)
    settings = facts.settings
    lines.append("train, y = rows_of(columns, train_rows), y_all[train_rows]")
    lines.append("weight = None if weight_all is None else weight_all[train_rows]")
    if not any(part.fold is not None for member in facts.members for part in member.parts):
        return lines
    for name, given in (("moments", settings.time_column), ("groups", settings.group)):
        if given is not None:
            lines.append(f"{name} = {name}_all[train_rows]")
    train = Rows(
        settings, kept, None if facts.classes == 0 else facts.data.train.y, facts.data.train.groups
    )
    return [*lines, *write_folds(train, facts.scheme, facts.folds)]


def _rows(facts: Facts) -> Rows:
    """Return all rows that are divided into training and test rows."""
    data = facts.data
    if facts.settings.test is not None:
        return Rows(facts.settings, len(data.train.y), None, None, "_all")
    y = np.concatenate([data.train.y, data.test.y])
    groups: Array | None = None
    if data.train.groups is not None and data.test.groups is not None:
        groups = np.concatenate([data.train.groups, data.test.groups])
    return Rows(facts.settings, len(y), y if facts.classes else None, groups, "_all")


def _weights(facts: Facts) -> list[str]:
    settings, weight = facts.settings, "None"
    if settings.weight is not None:
        weight = f"table[{write_value(settings.weight)}].to_numpy()"
    if settings.class_weight is not None and facts.classes:
        balance = f"balanced(y_all, {facts.classes})"
        weight = balance if settings.weight is None else f"{weight} * {balance}"
    return [f"weight_all = {weight}"]


def _moments(facts: Facts) -> str:
    name = facts.settings.time_column or ""
    column, written = facts.table.schema[name], f"table[{write_value(name)}]"
    if column.kind is Kind.ordinal and column.categories:
        ranks = {text: rank for rank, text in enumerate(column.categories)}
        return (
            f"{written}.replace_strict({write_value(ranks)}, default=None, return_dtype=pl.Int64)"
        )
    return written


def _target(facts: Facts, table: str) -> str:
    target = facts.data.target
    column = f"{table}[{write_value(target.name)}]"
    if target.is_regression:
        return f"{column}.to_numpy()"
    stored = target.column.storage is Storage.number
    codes = {float(v) if stored else str(v): code for code, v in enumerate(target.labels)}
    return f"{column}.replace_strict({write_value(codes)}, return_dtype=pl.Int64).to_numpy()"


def write_script(
    facts: Facts, data: list[str], fold_rows: list[int], words: Messages, source: str
) -> str:
    """Return the whole script.

    Args:
        facts: of the run.
        data: the lines that read and divide the rows.
        fold_rows: rows to learn from, fold by fold.
        words: of the language of the comments.
        source: the table, for the head.
    """
    kept = [member for member in facts.members if _can_write(member)]
    total = sum(member.weight for member in kept)
    seed = facts.settings.seed
    written = [write_member(member, facts.classes, fold_rows, seed) for member in kept]
    fits = [line for member in written for line in ["", "", *member.definition]]
    folded = any(part.fold is not None for member in kept for part in member.parts)
    own = [
        *(["", "", *_ON_ROWS] if folded else []),
        *fits,
        "",
        "",
        *data,
        "",
        *_comment(words("code.blend")),
        *blend_lines(written, [member.weight / total for member in kept]),
        "",
        *_comment(words("code.score")),
        *_score(facts),
    ]
    used = preamble_of("\n".join(own))
    head = _head(facts, words, source, kept, total)
    parts = [*head, "", *used.imports, "", *used.constants]
    for definition in used.definitions:
        parts += ["", "", definition]
    return "\n".join([*parts, *own]) + "\n"


def _score(facts: Facts) -> list[str]:
    lines = []
    expression = write_score(facts.metric, facts.classes)
    if "labels," in expression or "labels)" in expression:
        best = (
            f"(p[:, 1] >= {facts.threshold!r}).astype(int)"
            if facts.classes == 2
            else "p.argmax(axis=1)"
        )
        lines.append(f"labels = {best}")
    return [*lines, f"score = {expression}", f'print("test {facts.metric}", repr(float(score)))']


def _head(
    facts: Facts, words: Messages, source: str, kept: list[Member], total: float
) -> list[str]:
    """Return the docstring of the script: what it is, of what, and what it must print."""
    name = Path(source).name
    lines = [
        words("code.title", target=facts.settings.target, table=name),
        "",
        words("code.run", run=facts.run),
        *(f"    {m.weight / total:6.1%}  {m.plan.name} ({m.plan.learner})" for m in kept),
        "",
        words("code.expected", metric=facts.metric, score=repr(facts.score)),
    ]
    if facts.left_out:
        lines += ["", words("code.without", plans=facts.left_out)]
    return [_HEAD + lines[0], *lines[1:], _HEAD]


def _comment(text: str) -> list[str]:
    return [f"# {line}" for line in text.splitlines()]


def _column(name: str) -> str:
    return f"pl.col({write_value(name)})"
