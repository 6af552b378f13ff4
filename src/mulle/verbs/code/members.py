"""The members of a blend as functions of a script, and the blend as the sum of their answers."""

from __future__ import annotations

import re
from typing import Any, NamedTuple

from mulle.verbs.code.learners import Variable, write_learner
from mulle.verbs.code.steps import write_steps
from mulle.verbs.code.values import write_value
from mulle.verbs.fit.members import Member, Part

_WIDTH = 100  # of a line
_INDENT = " " * 4


class Written(NamedTuple):
    """A member as lines of a script: its function, and the call that gives its predictions."""

    definition: list[str]
    call: list[str]


def write_member(member: Member, classes: int, folds: list[int], seed: int) -> Written:
    """Return a member as a function, and the call of it.

    Args:
        member: as it was trained.
        classes: how many there are; 0 for values.
        folds: rows to learn from in each fold.
        seed: of the run, by which some of many rows are drawn.
    """
    name = _name(member.plan.name)
    changing = _changing(member.parts)
    params = member.parts[0].params | {key: Variable(key) for key in changing}
    pairs = {at: ", ".join(map(repr, made)) for at, made in member.parts[0].pairs.items()}
    several = any(part.pairs != member.parts[0].pairs for part in member.parts)
    if several:
        pairs = dict.fromkeys(range(len(member.plan.features)), "*pairs")
    extra = [*changing, *(["pairs"] if several else [])]
    definition = [
        f"def {name}(train, y, weight, test{''.join(f', {key}' for key in extra)}):",
        f'{_INDENT}"""Return the predictions of {member.plan.learner}."""',
        f"{_INDENT}blocks = [",
        *(
            line
            for at, f in enumerate(member.plan.features)
            for line in _block(f, pairs.get(at, ""))
        ),
        f"{_INDENT}]",
        f"{_INDENT}x, x_test, codes = prepare(blocks, train, y, test)",
        *_model(write_learner(member.plan.learner, params, classes), classes),
    ]
    calls = [_call(name, part, extra, folds, seed) for part in member.parts]
    if len(calls) == 1:
        return Written(definition, calls)
    return Written(definition, ["mean_of([", *(f"{_INDENT}{call}," for call in calls), "])"])


def _changing(parts: list[Part]) -> list[str]:
    """Return the settings that differ from fold to fold, those that learners found."""
    first = parts[0].params
    return [key for key in first if any(part.params[key] != first[key] for part in parts)]


def _block(features: Any, pairs: str) -> list[str]:
    """Return the line or lines of a block: its columns, and the steps that they go through."""
    steps = write_steps(features.steps, pairs)
    columns = [write_value(name) for name in features.columns]
    line = f"{_INDENT * 2}([{', '.join(columns)}], [{', '.join(steps)}]),"
    if len(line) <= _WIDTH:
        return [line]
    return [
        f"{_INDENT * 2}(",
        *_filled("[", columns, "],"),
        *_filled("[", steps, "],"),
        f"{_INDENT * 2}),",
    ]


def _filled(opening: str, items: list[str], closing: str) -> list[str]:
    """Return a list over as many lines as it takes."""
    lines, line = [], f"{_INDENT * 3}{opening}"
    for item in items:
        if len(line) + len(item) + 2 > _WIDTH and not line.endswith(opening):
            lines.append(line.rstrip())
            line = f"{_INDENT * 3} "
        line += f"{item}, "
    return [*lines, line.rstrip(", ") + closing]


def _model(expression: list[str], classes: int) -> list[str]:
    """Return the lines that train a learner, and bring its answers to classes or values."""
    first, *rest = expression
    indented = [f"{_INDENT * 2}{line}" for line in rest]
    last = f", y, {classes})" if classes else ", y)"
    kind = "of_classes" if classes else "of_values"
    lines = [f"{_INDENT}def model(y):", f"{_INDENT * 2}return {first}", *indented]
    return ["", *lines, "", f"{_INDENT}return {kind}(model{last}"]


def _call(name: str, part: Part, extra: list[str], folds: list[int], seed: int) -> str:
    values = "".join(f", {key}={part.params[key]!r}" for key in extra if key != "pairs")
    if "pairs" in extra:
        values += f", pairs={[pair for made in part.pairs.values() for pair in made]!r}"
    if part.fold is None:
        return f"{name}(train, y, weight, test{values})"
    rows = f"folds[{part.fold}]"
    if part.rows < folds[part.fold]:
        rows = f"some_of({rows}, {part.rows}, {seed + part.fold})"
    return f"on_rows({rows}, {name}{values})"


def _name(plan: str) -> str:
    """Return a plan's name as that of a function."""
    return "fit_" + re.sub(r"\W+", "_", plan)


def blend_lines(written: list[Written], weights: list[float]) -> list[str]:
    """Return the lines that add the members, each by its weight."""
    lines = ["p = ("]
    for number, (member, weight) in enumerate(zip(written, weights, strict=True)):
        sign = "+ " if number else ""
        first, *rest = member.call
        lines += [f"{_INDENT}{sign}{weight!r} * {first}", *(f"{_INDENT}{line}" for line in rest)]
    return [*lines, ")"]
