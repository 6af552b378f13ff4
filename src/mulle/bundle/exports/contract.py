"""What a bundle does by itself and a bare graph's caller must do: the contract, as plain data.

catalogue  onnx-io
"""

from __future__ import annotations

from typing import Any

import msgspec

from mulle.bundle.archive import MODEL
from mulle.bundle.card import example_row
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
    "minus": "Read signs such as −, △ and ▲ as minus.",
    "accounting": "Read amounts in brackets, and with a minus behind, as negative: (5) is -5.",
    "approximate": "Drop words for about: 약 30, ca. 30.",
    "footnote": "Drop marks of footnotes behind numbers: 12.5* is 12.5.",
    "unit": "Drop the unit of the column, as `notation` has it.",
    "magnitude": "Multiply out magnitudes: 2.5M is 2500000.",
    "decimal-comma": "Read the mark of `notation` as the decimal point.",
    "header-unit": "Multiply by `scale` of `notation`: 5 under a header (천원) is 5000.",
    "limit": "Read a limit as its number: <0.5 is 0.5.",
    "letters": "Multiply out letters such as K and M: 124K is 124000.",
    "credit-debit": "Read Cr as plus and Dr as minus.",
    "arrows": "Read ▲ and ↑ as plus, ▼ and ↓ as minus.",
    "fraction": "Read fractions: 1½ is 1.5.",
    "leading-zeros": "Read numbers with leading zeros as numbers: 007 is 7.",
    "trailing-zeros": "Read 1.1 and 1.10 as the same number.",
}

#: what the parts of a notation say, where a column has them
NOTATION = {
    "form truth": "Words for true and false (true, yes, y, 예; false, no, n, 아니오) are 1 and 0.",
    "form clock": "Times of the day are hours: 9:30 is 9.5.",
    "form digits": "Dates are bare digits: 20240301.",
    "form epoch": "Dates are seconds since 1970 in UTC, times `scale`.",
    "form serial": "Dates are days of a spreadsheet: 45352 is 2024-03-01.",
    "form number": 'Numbers are categories, written without ".0": 7.0 is "7".',
    "form limit": "Limits are their numbers: <0.5 is 0.5.",
    "form limit-side": "Derived from the column `source`: -1 where its cell is a limit such as "
    "<0.5, 1 where it is one such as >100, 0 for a plain number, NaN where it is missing.",
    "form pixels": "Images are strings, a character U+E100 + v for each pixel value v of 0..255, "
    "channel by channel, row by row: transparent parts white, the middle square, made smaller with "
    "a box filter.",
    "side": "Pixels of an image along each of its sides.",
    "channels": "1: images in grey. 3: red, green and blue.",
    "decimal": "The mark before the fraction.",
    "thousands": "The mark between groups of three digits; nothing where there is none.",
    "unit": "What stands before or behind the numbers.",
    "scale": "What one written unit is worth; the graph takes the product.",
    "percent": "`fraction`: 13 % is 0.13.",
    "dates": "The order of year, month and day: 3/4/2024 is the third of April where it is `dmy`.",
    "missing": "Words that mean missing here, beyond the usual ones.",
    "not_missing": "Usual words for missing that are values here.",
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
        **({"notation": notation} if (notation := _notation(column)) else {}),
        **({"source": column.source} if column.source else {}),
        **({"infinite": "NaN"} if column.storage is Storage.number else {}),
    }


def _notation(column: Column) -> dict[str, Any]:
    """Return how the cells of a column are written, where that is not the usual way."""
    notation: dict[str, Any] = msgspec.to_builtins(column.notation)
    notation.pop("repairs", None)
    return notation


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


def graph_row(manifest: Manifest) -> dict[str, Any]:
    """Return a usual row as the graph takes it: with its derived columns."""
    row = example_row(manifest)
    for column in manifest.schema.columns:
        row.setdefault(column.name, manifest.usual.get(column.name))
    return {column.name: row[column.name] for column in manifest.schema.columns}


def contract_json(manifest: Manifest) -> bytes:
    """Return the contract as a JSON file, with the version of its model."""
    said = contract_of(manifest) | {
        "sha256": manifest.checksums.get(MODEL, ""),
        "created": manifest.created,
    }
    return msgspec.json.format(msgspec.json.encode(said), indent=1) + b"\n"
