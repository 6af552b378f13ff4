"""What ships, as it was trained: enough to train the same again without a clock or a search.

`members.json` in the folder of a run; `mulle code` writes its script from it.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec

from mulle.steps import Arithmetic, Block
from mulle.verbs.fit.pipeline import Blend, Pipeline
from mulle.verbs.fit.plan import Plan
from mulle.verbs.fit.trial import Trial

_OF_MACHINE = "n_jobs"


class Part(msgspec.Struct, frozen=True):
    """A plan as it was trained on some rows.

    Attributes:
        rows: how many.
        fold: whose training rows they are; None for all.
        params: every setting of the learner, with what its training found.
        pairs: of a block of columns, by its place: what was made of two of them, as places and
            what stands between them.
    """

    rows: int
    fold: int | None
    params: dict[str, Any]
    pairs: dict[int, list[tuple[int, str, int]]] = {}


class Member(msgspec.Struct, frozen=True):
    """A plan of the blend: its weight, and what its answer is the mean of.

    Attributes:
        mapped: it learned from rows that do not fit into the memory.
    """

    plan: Plan
    weight: float
    parts: list[Part]
    mapped: bool = False


def as_trained(blend: Blend, trials: Iterable[Trial]) -> list[Member]:
    """Return the members of a blend as they were trained.

    Args:
        blend: that ships.
        trials: of its members.
    """
    by_name = {trial.plan.name: trial for trial in trials}
    found = []
    for weight, member in blend.members:
        pipelines = [p for _, p in member.pipelines] if isinstance(member, Blend) else [member]
        trial, parts = by_name[member.name], [_part(pipeline) for pipeline in pipelines]
        found.append(Member(trial.plan, weight, parts, trial.mapped))
    return found


def _part(pipeline: Pipeline) -> Part:
    learner = pipeline.learner
    params = learner.get_params() | learner.as_trained()
    params.pop(_OF_MACHINE, None)
    blocks = enumerate(pipeline.preparation.blocks)
    pairs = {at: made for at, block in blocks if (made := _pairs(block))}
    return Part(pipeline.rows, pipeline.fold, params, pairs)


def _pairs(block: Block) -> list[tuple[int, str, int]]:
    steps = [step for chain in block.chains_ for step in chain if isinstance(step, Arithmetic)]
    return [(p.left, p.operator, p.right) for step in steps for p in step.pairs_]
