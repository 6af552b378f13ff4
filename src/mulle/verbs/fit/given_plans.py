"""The plans of `--plan`, refused before anything is trained where a name in them is wrong."""

from __future__ import annotations

from pathlib import Path

from mulle.verbs.fit.data import Data
from mulle.verbs.fit.encode import with_encoder
from mulle.verbs.fit.plan import Plan, check_storage, read_plans
from mulle.verbs.fit.settings import Settings


def given_plans(settings: Settings, data: Data) -> list[Plan]:
    """Read the plans of `--plan`; texts that they embed are read by the encoder of this run.

    Raises:
        MissingFile, UnknownName, UsageError: see `read_plans` and `Plan`.
    """
    plans = [with_encoder(plan, data.encoder) for plan in read_plans(Path(settings.plan or ""))]
    for plan in plans:
        for column in plan.columns:
            data.train.table.schema[column]
        plan.preparation()
        check_storage(plan, data.train.table.schema)
        plan.estimator(regression=data.target.is_regression, n_jobs=1, seed=0)
    return plans
