"""What a bundle says of itself: `bundle.json`, typed and versioned."""

from __future__ import annotations

from typing import Any

import msgspec

from mulle.errors import BundleError
from mulle.table import Schema

FORMAT = 1
Label = bool | int | float | str


class Proof(msgspec.Struct, frozen=True):
    """How far the graph and the Python pipeline agree.

    Attributes:
        rows: rows that both answered: held-out ones and generated ones.
        generated: how many of them were generated (missing, unseen, extreme, at thresholds).
        max_abs_diff: largest difference of a probability, or of a value.
        max_diff_in_std: for regression, that difference in standard deviations of the target.
        label_flips: rows with another label, though the two best probabilities differ by more
            than 1e-6.
        near_boundary: rows whose two best probabilities are closer than that.
    """

    rows: int
    generated: int
    max_abs_diff: float
    max_diff_in_std: float
    label_flips: int
    near_boundary: int

    @property
    def holds(self) -> bool:
        """Whether the bundle may be shipped."""
        return self.label_flips == 0 and self.max_diff_in_std < 1e-4


class Manifest(msgspec.Struct, frozen=True, omit_defaults=True):
    """All that is known of a model but its graph.

    Attributes:
        task: `binary`, `multiclass` or `regression`.
        schema: the columns that the model reads, in the order of the graph's inputs.
        labels: one a class, in the order of the probabilities; the second of two is positive.
        reference: the usual value of each column, for `why`; None where it is missing.
        scores: by part of the data (`validation`, `test`) and metric.
        batch_rows: rows that are answered at once, so that memory stays small.
        lineage: what it was made from: data, seed, plans, run.
        checksums: SHA-256 of the other files of the bundle.
    """

    task: str
    target: str
    schema: Schema
    labels: tuple[Label, ...] = ()
    reference: dict[str, float | int | str | None] = {}
    metric: str = ""
    scores: dict[str, dict[str, float | None]] = {}
    parity: Proof | None = None
    latency_us: dict[str, float] = {}
    batch_rows: int = 10_000
    lineage: dict[str, Any] = {}
    checksums: dict[str, str] = {}
    mulle: str = ""
    created: str = ""
    format: int = FORMAT

    def to_json(self) -> bytes:
        """As written in a bundle."""
        return msgspec.json.format(msgspec.json.encode(self), indent=1)


def parse_manifest(data: bytes, where: str) -> Manifest:
    """A manifest from `bundle.json`.

    Raises:
        BundleError: it is not one, or of a newer format than this mulle reads.
    """
    try:
        version = msgspec.json.decode(data, type=_Version).format
        if version > FORMAT:
            raise BundleError(
                "bundle-newer",
                f"The bundle has format {version}; this mulle reads up to {FORMAT}.",
                fix="pip install -U mulle",
                where=where,
            )
        return msgspec.json.decode(data, type=Manifest)
    except (msgspec.DecodeError, msgspec.ValidationError) as error:
        raise BundleError(
            "bundle-damaged",
            f"bundle.json cannot be read: {error}.",
            fix="Copy the bundle again, or train anew: mulle fit",
            where=where,
        ) from error


class _Version(msgspec.Struct):
    format: int = 1
