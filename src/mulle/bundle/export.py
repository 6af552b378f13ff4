"""The bare graph, with a list of what its caller must do: what a bundle does by itself.

catalogue  onnx-format onnx-interop onnx-io
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from mulle.bundle.archive import MODEL
from mulle.bundle.manifest import Manifest, graph_labels
from mulle.bundle.model import Model
from mulle.bundle.trust import outputs_of
from mulle.files import write_bytes, write_text
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
    "timezone": "Convert moments with an offset to UTC.",
    "compact-date": "Read eight digits as year, month and day.",
    "day-first": "Read 3/4/2024 as the third of April.",
    "month-first": "Read 3/4/2024 as the fourth of March.",
    "mixed-types": "Take what is of another type as missing, instead of refusing it.",
    "number-text": 'Write numbers as text without ".0": 7.0 is "7".',
}


def export_onnx(model: Model, folder: str | Path) -> list[Path]:
    """Write the graph, `model.json` and `README.md`.

    Args:
        model: a loaded bundle.
        folder: made if it is not there.

    Returns:
        The paths of the files.

    Raises:
        RunError: the folder cannot be written to.
    """
    folder = Path(folder)
    graph, contract, readme = folder / MODEL, folder / "model.json", folder / "README.md"
    write_bytes(graph, model.graph)
    said = contract_of(model.manifest)
    write_bytes(contract, msgspec.json.format(msgspec.json.encode(said), indent=1) + b"\n")
    write_text(readme, "\n".join(_readme(said)) + "\n")
    return [graph, contract, readme]


def contract_of(manifest: Manifest) -> dict[str, Any]:
    """What goes into the graph and what comes out, as plain data.

    Shapes are lists; "N" is the number of rows, the same for all columns.
    """
    inputs = [_input(column) for column in manifest.schema.columns]
    return {"inputs": inputs, "outputs": _outputs(manifest), "target": manifest.target}


def _input(column: Column) -> dict[str, Any]:
    return {
        "name": column.name,
        "shape": ["N", 1],
        **_INPUTS[column.storage],
        "kind": str(column.kind),
        "repairs": list(column.repairs),
        **({"infinite": "NaN"} if column.storage is Storage.number else {}),
    }


def _outputs(manifest: Manifest) -> list[dict[str, Any]]:
    names = outputs_of(manifest)
    if not manifest.labels:
        return [{"name": names[0], "dtype": "float64", "shape": ["N", 1]}]
    labels = graph_labels(manifest.labels)
    sort = "int64" if isinstance(labels[0], int) else "string"
    return [
        {"name": names[0], "dtype": sort, "shape": ["N"]},
        {
            "name": names[1],
            "dtype": "float64",
            "shape": ["N", len(labels)],
            "labels": labels,
        },
    ]


def _readme(contract: dict[str, Any]) -> Iterator[str]:
    """The same for a reader."""
    yield f"# model.onnx: predicts {contract['target']}"
    yield ""
    yield "A bundle prepares its rows itself; this graph takes them prepared. `model.json` says the"
    yield "same for programs."
    yield ""
    yield "## What you must do before feeding it"
    yield ""
    yield "1. Give one tensor for each column below, by name, of shape [N, 1]. Leave none out."
    yield "2. Apply to each value the repairs of its column, in the order given."
    yield "3. Fill what is missing: numbers (infinite ones too) with NaN, dates with"
    yield f"   {MISSING_DATE}, strings with the character U+{ord(MISSING_STRING):04X}. Never give"
    yield '   None: ONNX Runtime reads it as the text "None". The empty string is not missing,'
    yield "   unless the repairs of the column say so."
    yield "4. Give dates as int64 microseconds since 1970-01-01 in UTC."
    yield "5. Run it with ONNX Runtime: text is cut by its own operator `com.microsoft.Tokenizer`"
    yield "   in models that read text."
    yield ""
    yield "## Inputs"
    yield ""
    yield "| name | dtype | kind | repairs |"
    yield "|---|---|---|---|"
    for column in contract["inputs"]:
        name = " ".join(column["name"].replace("|", "\\|").split())
        repairs = ", ".join(column["repairs"]) or "none"
        yield f"| {name} | {column['dtype']} | {column['kind']} | {repairs} |"
    used = dict.fromkeys(code for column in contract["inputs"] for code in column["repairs"])
    if used:
        yield ""
        yield "## Repairs"
        yield ""
        yield from (f"- `{code}`: {REPAIRS.get(code, code)}" for code in used)
    yield ""
    yield "## Outputs"
    yield ""
    for output in contract["outputs"]:
        shape = ", ".join(str(size) for size in output["shape"])
        labels = f", in the order of the labels {output['labels']}" if "labels" in output else ""
        yield f"- `{output['name']}`: {output['dtype']} [{shape}]{labels}"
