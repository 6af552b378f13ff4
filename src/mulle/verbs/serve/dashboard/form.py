"""The form of a model: the usual value, the range and the choices of each column."""

from __future__ import annotations

from typing import Any

import msgspec

from mulle.bundle import REFERENCE, example_row
from mulle.profile import NumberProfile, Profile, StringProfile
from mulle.verbs.serve.models import LoadedModel

MAX_CHOICES = 30  # values of a column that are offered
TRIED_QUANTILES = tuple(i / 24 for i in range(25))  # quantiles at which a number is tried


class Field(msgspec.Struct, frozen=True):
    """One column of the form.

    Attributes:
        name, kind, storage: of the column.
        usual: a value to begin with.
        choices: frequent values.
        tried: numbers at which "what if" asks: quantiles of the training rows.
    """

    name: str
    kind: str
    storage: str
    usual: Any
    choices: list[Any]
    tried: list[float]


def form_of(loaded: LoadedModel) -> dict[str, Any]:
    """Return the fields of a model's form, in the order of the schema, and its target."""
    manifest = loaded.model.manifest
    usual = example_row(manifest)
    profiles = _profiles(loaded)
    fields = [
        Field(c.name, c.kind, c.storage, usual[c.name], *_values(profiles.get(c.name)))
        for c in manifest.schema.asked
    ]
    return {
        "model": loaded.name,
        "version": loaded.version,
        "task": manifest.task,
        "target": manifest.target.name,
        "labels": loaded.label_names,
        "fields": fields,
    }


def _profiles(loaded: LoadedModel) -> dict[str, Any]:
    data = loaded.model.members.get(REFERENCE)
    return dict(Profile.from_arrow_bytes(data).columns) if data else {}


def _values(profile: Any) -> tuple[list[Any], list[float]]:
    if isinstance(profile, NumberProfile):
        found = (
            profile.quantiles.quantile(TRIED_QUANTILES).tolist() if profile.quantiles.count else []
        )
        return [], sorted(set(found))
    if isinstance(profile, StringProfile):
        return profile.tally.values[:MAX_CHOICES], []
    return [], []
