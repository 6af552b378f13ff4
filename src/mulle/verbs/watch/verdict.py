"""The verdict: what moved, how sure that is, and what it may cost; computed once, kept as JSON.

Sentences are made of codes and values by the words of a language, so a verdict can be told in any.

catalogue  watch-train-serve watch-alert
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import Any

import msgspec

from mulle.errors import DataError
from mulle.files import write_bytes, write_text

VERSION = 1


class Status(StrEnum):
    """What is said of a column or a whole."""

    drifted = "drifted"
    stable = "stable"
    unknown = "unknown"
    not_judged = "not_judged"


class Reason(msgspec.Struct, frozen=True):
    """Why, as a code with the values of its sentence."""

    code: str
    values: dict[str, Any] = {}


class Check(msgspec.Struct, frozen=True):
    """One measure of one column, and between what its true value lies."""

    measure: str
    score: float
    threshold: float
    low: float
    high: float
    status: Status


class Picture(msgspec.Struct, frozen=True):
    """Shares to draw over each other: of bins between `edges`, or of `labels`."""

    here: list[float]
    there: list[float]
    edges: list[float] = []
    labels: list[str] = []
    outside: tuple[float, float] = (0.0, 0.0)


class ColumnVerdict(msgspec.Struct, frozen=True):
    """Of one column, of the answers, or of the target.

    Attributes:
        measure, score, threshold: of the check that decided; see `checks` for all.
        low, high: between what the true value lies.
        margin: `stable` is said where the true value is surely below it.
        status: `drifted`, `stable`, `unknown` (too few rows to tell) or `not_judged`.
        n_ref, n_cur: rows in the reference and now.
        rows_needed: new rows that would suffice to tell; None where it is told, or no number would.
        importance: loss of the model's score when the column is shuffled, if it is known.
        priority: effect x importance x adequacy of the samples, from 0 to 1.
        also: measures that are shown and do not decide.
    """

    kind: str
    measure: str
    score: float | None
    threshold: float
    drift_detected: bool
    status: Status
    n_ref: int
    n_cur: int
    reason: Reason
    low: float | None = None
    high: float | None = None
    margin: float | None = None
    rows_needed: int | None = None
    importance: float | None = None
    priority: float = 0.0
    checks: list[Check] = []
    also: dict[str, float] = {}
    picture: Picture | None = None


class Performance(msgspec.Struct, frozen=True):
    """A score on the new rows beside that on the held-out ones; the intervals are of 95 %.

    Attributes:
        estimated: whether it is an estimate without labels.
        status: `drifted` where the score is surely worse, `stable` where it is not worse by more
            than chance, `unknown` where nothing can be compared.
    """

    metric: str
    score: float
    low: float | None
    high: float | None
    rows: int
    reference: float | None
    reference_low: float | None
    reference_high: float | None
    status: Status
    reason: Reason
    estimated: bool = False


class Verdict(msgspec.Struct, frozen=True):
    """What became of the data that a model was made for.

    Attributes:
        dataset_drift: whether any column, or the answers, surely moved by more than the threshold.
        status: `drifted`, `stable`, or `unknown` where nothing drifted and not all can be told.
        columns: by name, those that matter most first.
        prediction, target: the same of the model's answers and of the labels, where known.
        performance: real, where labels are known; estimated: without them.
        absent: what could not be compared: part -> code of the reason.
    """

    dataset_drift: bool
    status: Status
    share_of_drifted_columns: float
    number_of_drifted_columns: int
    number_of_columns: int
    number_of_unknown_columns: int
    n_ref: int
    n_cur: int
    reason: Reason
    columns: dict[str, ColumnVerdict]
    prediction: ColumnVerdict | None = None
    target: ColumnVerdict | None = None
    performance: list[Performance] = []
    estimated_performance: list[Performance] = []
    absent: dict[str, str] = {}
    model: str = ""
    reference: str = ""
    rows: str = ""
    created: str = ""
    version: int = VERSION

    def to_dict(self, lang: str = "en") -> dict[str, Any]:
        """As plain values; each `reason` is a sentence, its code and values stand beside it."""
        from mulle.verbs.watch.sentences import told

        return told(self, lang)

    def to_json(self, lang: str = "en") -> bytes:
        """The same as JSON in UTF-8."""
        return msgspec.json.format(msgspec.json.encode(self.to_dict(lang)), indent=1)

    def to_html(self, lang: str = "en") -> str:
        """The same as one HTML file that needs no network."""
        from mulle.verbs.watch.page import html

        return html(self, lang)

    def summary(self, lang: str = "en") -> str:
        """The same in a few lines of text."""
        from mulle.verbs.watch.sentences import summary

        return summary(self, lang)

    def save(self, path: str | Path, lang: str = "en") -> None:
        """Write it: JSON where the name ends in .json, a page otherwise."""
        path = Path(path)
        if path.suffix.lower() == ".json":
            write_bytes(path, self.to_json(lang) + b"\n")
        else:
            write_text(path, self.to_html(lang))

    @classmethod
    def from_json(cls, data: bytes) -> Verdict:
        """Read what `to_json` wrote.

        Raises:
            DataError: it is damaged, or of a later version.
        """
        try:
            version = msgspec.json.decode(data, type=_Version).version
            if version <= VERSION:
                return msgspec.convert(_untold(msgspec.json.decode(data)), cls)
        except (msgspec.MsgspecError, RecursionError) as error:
            raise DataError("verdict-damaged", error=error) from error
        raise DataError("verdict-newer", version=version, VERSION=VERSION)


class _Version(msgspec.Struct):
    version: int = VERSION


def _untold(value: Any) -> Any:
    """Sentences back to codes and values, wherever they stand."""
    if isinstance(value, Mapping):
        back = {k: _untold(v) for k, v in value.items() if not k.startswith("reason")}
        if "reason_code" in value:
            back["reason"] = {"code": value["reason_code"], "values": value["reason_values"]}
        return back
    return [_untold(v) for v in value] if isinstance(value, list) else value
