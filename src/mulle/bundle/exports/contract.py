"""What a bundle does by itself and a bare graph's caller must do: the contract, as plain data.

catalogue  onnx-io
"""

from __future__ import annotations

from typing import Any

import msgspec

from mulle.bundle.archive import MODEL
from mulle.bundle.manifest import Manifest, graph_labels
from mulle.bundle.trust import outputs_of
from mulle.graph import MISSING_DATE, MISSING_STRING
from mulle.table import Column, Storage

_INPUTS: dict[Storage, dict[str, Any]] = {
    Storage.number: {"dtype": "float64", "missing": "NaN"},
    Storage.date: {
        "dtype": "int64",
        "unit": "microseconds since 1970 UTC",
        "missing": MISSING_DATE,
    },
    Storage.string: {"dtype": "string", "missing": MISSING_STRING},
}
REPAIRS = {
    "nfc": "Normalize text to Unicode NFC.",
    "whitespace": "Strip white space at both ends, no-break and zero-width spaces included.",
    "missing-token": "Take marks such as NA, NaN, null, ? and the empty string as missing.",
    "full-width": "Write full-width digits and signs as ASCII ones.",
    "currency": "Drop signs and words of money: 1,234원 is 1234.",
    "percent": "Drop a percent sign: 13 % is 13, not 0.13.",
    "korean-units": "Read 만, 억 and 조: 3억 2,000만 is 320000000.",
    "thousands": "Drop commas between groups of three digits.",
    "korean-date": "Read dates such as 2024년 3월 1일 오후 3:20.",
    "month-name": "Read dates with names of months, such as 05-Jan-24 or 1. März 2024.",
    "period": "Read months, quarters, halves and weeks as their first day: 2024-Q2 is 2024-04-01.",
    "short-year": "Read years of two digits as 1969 to 2068, the year first: '24.3.1.",
    "zero-date": "Take dates of zeros such as 0000-00-00 as missing.",
    "clock": "Read times and spans as hours: 9:30 PM is 21.5, 36:15 is 36.25.",
    "timezone": "Convert moments with an offset to UTC.",
    "compact-date": "Read eight digits as year, month and day.",
    "day-first": "Read 3/4/2024 as the third of April.",
    "month-first": "Read 3/4/2024 as the fourth of March.",
    "number-text": 'Write numbers as text without ".0": 7.0 is "7".',
}


def contract_of(manifest: Manifest) -> dict[str, Any]:
    """Return what goes into the graph and what comes out, as plain data.

    Shapes are lists; "N" is the number of rows, the same for all columns.
    """
    inputs = [_input(column) for column in manifest.schema.columns]
    return {"inputs": inputs, "outputs": _outputs(manifest), "target": manifest.target.name}


def _input(column: Column) -> dict[str, Any]:
    return {
        "name": column.name,
        "shape": ["N", 1],
        **_INPUTS[column.storage],
        "kind": str(column.kind),
        "repairs": list(column.notation.repairs),
        **({"infinite": "NaN"} if column.storage is Storage.number else {}),
    }


def _outputs(manifest: Manifest) -> list[dict[str, Any]]:
    names = outputs_of(manifest)
    if not manifest.labels:
        return [{"name": names[0], "dtype": "float64", "shape": ["N", 1]}]
    labels = graph_labels(manifest.labels)
    sort = "int64" if isinstance(labels[0], int) else "string"
    rule = {"threshold": manifest.threshold, "positive": labels[1]} if len(labels) == 2 else {}
    return [
        {"name": names[0], "dtype": sort, "shape": ["N"], **rule},
        {
            "name": names[1],
            "dtype": "float64",
            "shape": ["N", len(labels)],
            "labels": labels,
        },
    ]


def contract_json(manifest: Manifest) -> bytes:
    """Return the contract as a JSON file, with the version of its model."""
    said = contract_of(manifest) | {
        "sha256": manifest.checksums.get(MODEL, ""),
        "created": manifest.created,
    }
    return msgspec.json.format(msgspec.json.encode(said), indent=1) + b"\n"
