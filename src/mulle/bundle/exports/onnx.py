"""The bare graph, with a list of what its caller must do: what a bundle does by itself.

catalogue  onnx-format onnx-interop
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from mulle.bundle.archive import MODEL
from mulle.bundle.exports.contract import REPAIRS, contract_json, contract_of
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
        RunError: the folder cannot be written to.
    """
    folder = Path(folder)
    graph, contract, readme = folder / MODEL, folder / "model.json", folder / "README.md"
    write_bytes(graph, model.graph)
    write_bytes(contract, contract_json(model.manifest))
    write_text(readme, "\n".join(_readme(contract_of(model.manifest))) + "\n")
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
        yield f"- `{output['name']}`: {output['dtype']} [{shape}]{labels}{_rule(output)}"


def _rule(output: dict[str, Any]) -> str:
    """Return from which probability a label of two is the positive one; "" for other outputs."""
    if "threshold" not in output:
        return ""
    return f"; `{output['positive']}` where its probability is at least {output['threshold']:g}"
