"""The manifest of a bundle: `bundle.json`, typed and versioned."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

import msgspec

from mulle.errors import BundleError
from mulle.metrics import HALF
from mulle.table import Column, Label, Layout, Schema, Target, Task
from mulle.table.reading import IN_MEMORY

FORMAT = 2
MAX_DIFF_IN_STD = 1e-4  # of two answers to one row that count as the same


class Proof(msgspec.Struct, frozen=True):
    """How far the graph and the Python pipeline agree.

    Attributes:
        rows: rows that both answered: held-out ones and generated ones.
        generated: how many of them were generated (missing, unseen, extreme, at thresholds).
        max_abs_diff: largest difference of a probability, or of a value.
        max_diff_in_std: for regression, that difference in standard deviations of the target.
        label_flips: rows with another label, though they are not near the boundary.
        near_boundary: rows within 1e-6 of another label: of two classes those whose probability is
            so close to the threshold, of more those whose two best probabilities are so close.
        std: standard deviation of the target; 1 for classes.
    """

    rows: int
    generated: int
    max_abs_diff: float
    max_diff_in_std: float
    label_flips: int
    near_boundary: int
    std: float = 1.0

    @property
    def holds(self) -> bool:
        """Whether the bundle may be shipped."""
        return self.label_flips == 0 and self.max_diff_in_std < MAX_DIFF_IN_STD


class TokenInput(msgspec.Struct, frozen=True):
    """How the tokens of a text column are made, which the graph takes beside its text.

    Attributes:
        name: of the graph's input, int64 (N, T), -1 behind shorter texts.
        max_length: most tokens of a text; longer ones are cut.
        prefix: put before each text.
        encoder: name of the pretrained model that reads them.
        licence: of that model, as its files state it.
    """

    name: str
    max_length: Annotated[int, msgspec.Meta(ge=1, le=100_000)]
    prefix: str = ""
    encoder: str = ""
    licence: str = ""


class Manifest(msgspec.Struct, frozen=True, omit_defaults=True):
    """What is known of a model, its graph apart.

    Attributes:
        target: what is predicted: its column, its task, its labels.
        schema: the columns that the model reads, in the order of the graph's inputs.
        roles: the columns that only its training read: groups, weights, times.
        layout: of the file of its training table.
        threshold: from which probability a row is of the positive one of two classes.
        usual: the usual value of each column, for `why`; None where it is missing.
        scores: by part of the data (`validation`, `test`) and metric.
        tokens: how the tokens of text columns are made, where an encoder reads them.
        batch_rows: rows that are answered at once, so that memory stays small.
        lineage: what it was made from: data, seed, plans, run.
        checksums: SHA-256 of the other files of the bundle.
    """

    target: Target
    schema: Schema
    roles: tuple[Column, ...] = ()
    layout: Layout = IN_MEMORY
    threshold: float = HALF
    usual: dict[str, float | int | str | None] = {}
    metric: str = ""
    scores: dict[str, dict[str, float | None]] = {}
    parity: Proof | None = None
    latency_us: dict[str, float] = {}
    tokens: dict[str, TokenInput] = {}
    batch_rows: Annotated[int, msgspec.Meta(ge=1)] = 10_000
    lineage: dict[str, Any] = {}
    checksums: dict[str, str] = {}
    mulle: str = ""
    created: str = ""
    format: int = FORMAT

    @property
    def task(self) -> Task:
        """`binary`, `multiclass` or `regression`."""
        return self.target.task

    @property
    def labels(self) -> tuple[Label, ...]:
        """One label a class, in the order of the probabilities; the second of two is positive."""
        return self.target.labels

    @property
    def label_names(self) -> list[str]:
        """Each label as answers and files name it."""
        return [label_name(label) for label in self.labels]

    def to_json(self) -> bytes:
        """Return the bytes as written in a bundle."""
        return msgspec.json.format(msgspec.json.encode(self), indent=1)


def label_name(label: Label) -> str:
    """Return a label as text: a truth as JSON writes it, others as they are.

    >>> label_name(False), label_name("no"), label_name(3)
    ('false', 'no', '3')
    """
    return str(label).lower() if isinstance(label, bool) else str(label)


def graph_labels(labels: Sequence[Label]) -> list[int] | list[str]:
    """Return labels as they stand in the graph: whole numbers as such if all are, else text.

    >>> graph_labels([False, True]), graph_labels([1, "one"])
    ([0, 1], ['1', 'one'])
    """
    if all(isinstance(label, bool | int) for label in labels):
        return [int(label) for label in labels]
    return [str(label) for label in labels]


def parse_manifest(data: bytes, where: str) -> Manifest:
    """Read a manifest from `bundle.json`.

    Raises:
        BundleError: it is not one, or of a newer format than this mulle reads.
    """
    try:
        version = msgspec.json.decode(data, type=_Version).format
        if version > FORMAT:
            raise BundleError("bundle-newer", where=where, version=version, known=FORMAT)
        manifest = msgspec.json.decode(data, type=Manifest)
    except (msgspec.DecodeError, RecursionError) as error:
        raise damaged(where, "unreadable", "bundle.json") from error
    names = manifest.schema.names
    if not names or len(set(names)) < len(names):
        raise damaged(where, "columns")
    classes = {"binary": 2, "multiclass": max(2, len(manifest.labels)), "regression": 0}
    if len(manifest.labels) != classes[manifest.task]:
        raise damaged(where, "labels", manifest.target.name)
    return manifest


def damaged(where: str, reason: str, part: str = "") -> BundleError:
    """Return the error for a bundle that is not as it was written.

    Args:
        where: the bundle.
        reason: a key of the table `damage` in i18n.
        part: what of it is damaged: a file in it, a column, an operator.
    """
    return BundleError(
        "bundle-damaged", where=": ".join(filter(None, (where, part))), reason=reason
    )


class _Version(msgspec.Struct):
    format: Annotated[int, msgspec.Meta(ge=1)] = 1
