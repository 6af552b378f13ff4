"""The bare graph, with a list of what its caller must do: what a bundle does by itself.

catalogue  onnx-format onnx-interop
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from mulle.bundle.archive import MODEL
from mulle.bundle.exports.contract import NOTATION, REPAIRS, contract_json, contract_of
from mulle.bundle.exports.delivery import keep_readme
from mulle.bundle.model import Model
from mulle.files import write_bytes, write_text
from mulle.graph import MISSING_DATE, MISSING_STRING


def export_onnx(model: Model, folder: str | Path) -> list[Path]:
    """Write the graph, `model.json` and `README.md`.

    Args:
        model: a loaded bundle.
        folder: made if it is not there.

    Returns:
        The paths of the files.

    Raises:
        UsageError: the folder has a README of something else.
        RunError: the folder cannot be written to.
    """
    folder = Path(folder)
    graph, contract, readme = folder / MODEL, folder / "model.json", folder / "README.md"
    text = "\n".join(_readme(contract_of(model.manifest))) + "\n"
    keep_readme(folder, text)
    write_bytes(graph, model.graph)
    write_bytes(contract, contract_json(model.manifest))
    write_text(readme, text)
    return [graph, contract, readme]


def _readme(contract: dict[str, Any]) -> Iterator[str]:
    """Return the lines of the README that says what a caller must do."""
    yield f"# model.onnx: predicts {contract['target']}"
    yield ""
    yield "A bundle prepares its rows itself; this graph takes them prepared. `model.json` says the"
    yield "same for programs."
    yield ""
    yield "## What you must do before feeding it"
    yield ""
    yield "1. Give one tensor for each column below, by name, of shape [N, 1]. Leave none out."
    yield "2. Apply to each value the repairs of its column, in the order given, by its notation."
    yield "3. Fill what is missing: numbers (infinite ones too) with NaN, dates with"
    yield f"   {MISSING_DATE}, strings with the character U+{ord(MISSING_STRING):04X}. Never give"
    yield '   None: ONNX Runtime reads it as the text "None". The empty string is not missing,'
    yield "   unless the repairs of the column say so."
    yield "4. Give dates as int64 microseconds since 1970-01-01 in UTC."
    yield "5. Run it with ONNX Runtime: text is cut by its own operator `com.microsoft.Tokenizer`"
    yield "   in models that read text, and hashed by `com.microsoft.MurmurHash3` where one hashes."
    yield ""
    yield from _inputs(contract["inputs"])
    yield ""
    yield "## Outputs"
    yield ""
    for output in contract["outputs"]:
        shape = ", ".join(str(size) for size in output["shape"])
        labels = f", in the order of the labels {output['labels']}" if "labels" in output else ""
        yield f"- `{output['name']}`: {output['dtype']} [{shape}]{labels}{_rule(output)}"


def _inputs(inputs: Sequence[dict[str, Any]]) -> Iterator[str]:
    yield "## Inputs"
    yield ""
    yield "| name | dtype | kind | repairs | notation |"
    yield "|---|---|---|---|---|"
    for column in inputs:
        name = _cell(column["name"])
        repairs = ", ".join(column["repairs"]) or "none"
        notation = _cell(json.dumps(column.get("notation", {}), ensure_ascii=False).strip("{}"))
        yield f"| {name} | {column['dtype']} | {column['kind']} | {repairs} | {notation} |"
    used = dict.fromkeys(code for column in inputs for code in column["repairs"])
    if used:
        yield ""
        yield "## Repairs"
        yield ""
        yield from (f"- `{code}`: {REPAIRS.get(code, code)}" for code in used)
    if parts := dict.fromkeys(part for c in inputs for part in _parts(c)):
        yield ""
        yield "## Notations"
        yield ""
        yield from (f"- `{part}`: {NOTATION[part]}" for part in parts)


def _parts(column: dict[str, Any]) -> Iterator[str]:
    """Return the parts of a column's notation that are not the usual ones."""
    for part, value in column.get("notation", {}).items():
        yield f"form {value}" if part == "form" else part


def _cell(text: str) -> str:
    return " ".join(text.replace("|", "\\|").split())


def _rule(output: dict[str, Any]) -> str:
    """Return from which probability a label of two is the positive one; "" for other outputs."""
    if "threshold" not in output:
        return ""
    return f"; `{output['positive']}` where its probability is at least {output['threshold']:g}"
