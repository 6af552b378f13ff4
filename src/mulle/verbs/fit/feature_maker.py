"""The features of each family of learners, from what the columns are and look like.

Features are made twice over: for linear models and networks everything is imputed, bent and scaled
and categories are one-hot; for trees numbers stay as they are and categories become codes.

catalogue  tune-steps scale-why
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from mulle.profile import Profile
from mulle.steps import PowerTransform
from mulle.table import Column, Kind, Schema, Storage
from mulle.verbs.fit.plan import Features

_FEW_CATEGORIES = 12  # up to so many a forest is given one-hot columns, above it target means
_MANY_CATEGORIES = 60  # above so many a boosted model gets target means beside the codes
_WIDE_CLIP = 20.0  # standard deviations: an absurd value does bounded damage
_QUICK_LEARNERS = ("linear", "lightgbm")


class StepChoice(NamedTuple):
    """Steps that columns go through because of what their values look like.

    Attributes:
        steps: names of the steps.
        learners: names of the learners whose features are made so.
        reason: why, a key of `step-reason` in `i18n`.
        evidence: column -> what was measured.
        alternatives: names of the steps that the other columns go through instead.
    """

    steps: list[str]
    learners: list[str]
    reason: str
    evidence: Mapping[str, float]
    alternatives: list[str]


class FeatureMaker:
    """Makes the features of each family from a schema.

    Args:
        schema: the columns to learn from.
        profile: what the training rows look like.
        encoder: folder of an encoder that was made ready; "" for none.
    """

    def __init__(self, schema: Schema, profile: Profile, encoder: str = "") -> None:
        self.encoder = encoder

        def names(keep: Callable[[Column], bool]) -> list[str]:
            return [c.name for c in schema.columns if keep(c)]

        self.numbers = names(lambda c: c.storage is Storage.number)
        self.dates = names(lambda c: c.storage is Storage.date)
        self.several_dates = self.dates if len(self.dates) > 1 else []
        self.texts = names(lambda c: c.kind is Kind.text)
        self.ordinals = [c for c in schema.columns if c.kind is Kind.ordinal and c.categories]
        ordered = {c.name for c in self.ordinals}
        self.images = [c for c in schema.columns if c.kind is Kind.image]
        free = {Kind.text, Kind.image}
        self.categories = names(lambda c: c.storage is Storage.string and c.kind not in free)
        self.categories = [c for c in self.categories if c not in ordered]
        distinct = {c: profile.columns[c].distinct for c in self.categories}
        self._distinct = distinct
        self._skew = {c: getattr(profile.columns[c], "skew", 0.0) for c in self.numbers}
        self.few = [c for c, count in distinct.items() if count <= _FEW_CATEGORIES]
        self.many = [c for c, count in distinct.items() if count > _MANY_CATEGORIES]

    def choices(self, preset: str) -> list[StepChoice]:
        """Return which steps were chosen on evidence, for the learners that `preset` tries."""
        limit = PowerTransform().min_skew
        skew = {c: round(v, 3) for c, v in self._skew.items() if abs(v) > limit}
        several = {c: n for c, n in self._distinct.items() if c not in self.few}
        many = {c: self._distinct[c] for c in self.many}
        ordered = {c.name: len(c.categories) for c in self.ordinals}
        linear, forests = ["linear", "network"], ["extra_trees", "random_forest"]
        every = ["linear", "lightgbm", "network", *forests]
        found = [
            StepChoice(["PowerTransform"], linear, "skewed", skew, ["passthrough"]),
            StepChoice(["TargetEncode"], ["lightgbm", "network"], "above-60", many, ["OneHot"]),
            StepChoice(["TargetEncode", "Frequency"], forests, "above-12", several, ["OneHot"]),
            StepChoice(["OrdinalCodes"], every, "ordered", ordered, ["CategoryCodes", "OneHot"]),
        ]
        tried = _QUICK_LEARNERS if preset == "quick" else every
        used = [c._replace(learners=[n for n in c.learners if n in tried]) for c in found]
        return [choice for choice in used if choice.evidence and choice.learners]

    def least(self) -> list[Features]:
        """For the baseline, which looks at nothing: the cheapest features there are."""
        if self.numbers:
            return _block(self.numbers[:1], [])
        if self.dates:
            return _block(self.dates[:1], [{"step": "DateParts"}])
        strings = [*self.categories, *self.texts, *(c.name for c in self.ordinals)]
        if strings:
            return _block(strings[:1], [{"step": "Frequency"}])
        return self.pixels(self.images[0])

    @property
    def columns(self) -> int:
        """How many columns there are."""
        names = [*self.numbers, *self.dates, *self.categories, *self.texts]
        return len(names) + len(self.ordinals) + len(self.images)

    def pixels(self, image: Column) -> list[Features]:
        """For convolutional networks: the values of an image's pixels, 0 to 1, and nothing else."""
        size = image.notation.side**2 * image.notation.channels
        return _block([image.name], [{"step": "Pixels", "size": size}])

    def _projected(self) -> list[Features]:
        """Return images by their directions of largest variance."""
        return [
            Features(f.columns, [*f.steps, {"step": "PCA"}, {"step": "StandardScale"}])
            for image in self.images
            for f in self.pixels(image)
        ]

    def without_texts(self) -> list[Features]:
        """For boosted trees, of the columns that cost little."""
        return [
            *_block(self.numbers, []),
            *self._calendar(),
            *self._ordinal([]),
            *_block(self.categories, [{"step": "CategoryCodes"}]),
            *self._projected(),
        ]

    def linear(self, *, pairs: bool = False) -> list[Features]:
        """For linear models: imputed, bent, scaled, one-hot, tf-idf; pairs that help on demand."""
        return [
            *self._measured(pairs=pairs),
            *_block(self.categories, [{"step": "OneHot"}]),
            *_block(self.texts, [{"step": "TfIdf"}]),
            *self._projected(),
        ]

    def encoded(self, *, both: bool = False) -> list[Features]:
        """For linear models: texts as vectors of the encoder, with tf-idf beside them or without.

        The vectors of one model lie close together: without scaling a probe of few rows learns
        little.
        """
        embed, scale = {"step": "Embed", "encoder": self.encoder}, {"step": "StandardScale"}
        rest = self.linear() if both else [f for f in self.linear() if f.columns != self.texts]
        return [*rest, *_block(self.texts, [embed, scale])]

    def encoded_boosting(self) -> list[Features]:
        """For boosted trees: as `boosting`, texts as vectors of the encoder."""
        embed = {"step": "Embed", "encoder": self.encoder}
        return [*self.boosting(), *_block(self.texts, [embed])]

    def _pairs(self) -> list[dict[str, Any]]:
        """Return the step that adds sums, differences, products and ratios of two numbers."""
        return [{"step": "Arithmetic"}] if len(self.numbers) > 1 else []

    def _measured(self, *, pairs: bool = False) -> list[Features]:
        """Numbers, dates and ordered categories on one scale."""
        made = self._pairs() if pairs else []
        bend, impute = {"step": "PowerTransform"}, {"step": "Impute"}
        scale = {"step": "StandardScale", "clip": _WIDE_CLIP}
        return [
            *_block(self.numbers, [*made, impute, bend, scale]),
            *_block(self.dates, [{"step": "DateParts", "cyclic": True}, impute, scale]),
            *_block(self.several_dates, [{"step": "Elapsed"}, impute, scale]),
            *self._ordinal([impute, scale]),
        ]

    def network(self) -> list[Features]:
        """For networks: as for linear models, but narrow where those are wide."""
        scale = {"step": "StandardScale", "clip": _WIDE_CLIP}
        narrow = [c for c in self.categories if c not in self.many]
        return [
            *self._measured(),
            *_block(narrow, [{"step": "OneHot"}]),
            *_block(self.many, [{"step": "TargetEncode"}, {"step": "Impute"}, scale]),
            *self._condensed_texts(),
        ]

    def network_with_bins(self) -> list[Features]:
        """For networks: as `network`, numbers and pairs that help as shares of their intervals."""
        rest = [f for f in self.network() if f.columns != self.numbers]
        return [*_block(self.numbers, [*self._pairs(), {"step": "PiecewiseLinear"}]), *rest]

    def boosting(self, *, pairs: bool = False) -> list[Features]:
        """For boosted trees: numbers as they are, categories as codes to be split by set.

        With `pairs`, also sums, differences, products and ratios of numbers that help.
        """
        return [
            *_block(self.numbers, self._pairs() if pairs else []),
            *self._calendar(),
            *self._ordinal([]),
            *_block(self.categories, [{"step": "CategoryCodes"}]),
            *_block(self.many, [{"step": "TargetEncode"}]),
            *self._condensed_texts(),
        ]

    def forest(self) -> list[Features]:
        """For forests, which split by threshold only: one-hot where few, else target means."""
        rest = [c for c in self.categories if c not in self.few]
        return [
            *_block(self.numbers, []),
            *self._calendar(),
            *self._ordinal([]),
            *_block(self.few, [{"step": "OneHot"}]),
            *_block(rest, [{"step": "TargetEncode"}]),
            *_block(rest, [{"step": "Frequency"}]),
            *self._condensed_texts(),
        ]

    def _condensed_texts(self) -> list[Features]:
        """Return texts as out-of-fold scores of a linear model, and as their LSA directions."""
        return [
            *_block(self.texts, [{"step": "TfIdf"}, {"step": "TextScore"}]),
            *_block(self.texts, [{"step": "TfIdf"}, {"step": "LSA"}]),
            *self._projected(),
        ]

    def _calendar(self) -> list[Features]:
        return [
            *_block(self.dates, [{"step": "DateParts"}]),
            *_block(self.several_dates, [{"step": "Elapsed"}]),
        ]

    def _ordinal(self, then: list[dict[str, Any]]) -> list[Features]:
        return [
            Features([c.name], [{"step": "OrdinalCodes", "order": list(c.categories)}, *then])
            for c in self.ordinals
        ]


def _block(columns: list[str], steps: list[dict[str, Any]]) -> list[Features]:
    return [Features(columns, steps)] if columns else []
