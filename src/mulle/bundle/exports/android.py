"""A small Android app in Kotlin that runs the graph with onnxruntime-android, with a typed row.

catalogue  dev-infer dev-package dev-runtime
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from mulle.bundle.archive import MODEL
from mulle.bundle.exports.c import API, comment
from mulle.bundle.exports.contract import contract_json, graph_row
from mulle.bundle.exports.delivery import delivery, keep_readme
from mulle.bundle.exports.samples import sample
from mulle.bundle.manifest import Manifest, graph_labels
from mulle.bundle.model import Model
from mulle.bundle.names import safe_names
from mulle.bundle.trust import outputs_of
from mulle.files import write_bytes, write_text
from mulle.table import Storage
from mulle.table.types import MISSING

_SOURCES, _ASSETS = "src/main/kotlin/com/example/predict", "src/main/assets"
_TYPES = {Storage.number: "Double", Storage.date: "LocalDateTime", Storage.string: "String"}
_TENSORS = {Storage.number: "number", Storage.date: "date", Storage.string: "text"}
_KEPT = (  # words that Kotlin keeps for itself
    "as break class continue do else false for fun if in interface is null object package return "
    "super this throw true try typealias typeof val var when while"
)


def export_android(model: Model, folder: str | Path) -> list[Path]:
    """Write the app's sources, its graph, and what builds it.

    Args:
        model: a loaded bundle.
        folder: made if it is not there.

    Returns:
        The paths of the files.

    Raises:
        UsageError: the folder has a README of something else.
        RunError: the folder cannot be written to.
    """
    folder, manifest = Path(folder), model.manifest
    fields = safe_names(manifest.schema.names, _KEPT.split(" "))
    said = {"TARGET": manifest.target.name, "DELIVERY": delivery(manifest)}
    texts = {
        f"{_SOURCES}/Predictor.kt": _predictor(manifest, fields),
        f"{_SOURCES}/MainActivity.kt": sample(
            "android", "MainActivity.kt", EXAMPLE=_example(manifest, fields)
        ),
        "src/main/AndroidManifest.xml": sample("android", "AndroidManifest.xml"),
        "build.gradle.kts": sample("android", "build.gradle.kts", API=str(API)),
        "settings.gradle.kts": sample("android", "settings.gradle.kts"),
        "README.md": sample("android", "README.md", **said),
    }
    keep_readme(folder, texts["README.md"])
    for name, text in texts.items():
        write_text(folder / name, text)
    write_bytes(folder / _ASSETS / MODEL, model.graph)
    write_bytes(folder / _ASSETS / "model.json", contract_json(manifest))
    return [folder / name for name in (*texts, f"{_ASSETS}/{MODEL}", f"{_ASSETS}/model.json")]


def _predictor(manifest: Manifest, fields: dict[str, str]) -> str:
    columns = manifest.schema.columns
    rows = [
        f"    val {fields[c.name]}: {_TYPES[c.storage]}? = null,  // {comment(c.name)}"
        for c in columns
    ]
    inputs = [
        f"            inputs[{_quoted(c.name)}] = {_TENSORS[c.storage]}(row.{fields[c.name]})"
        for c in columns
    ]
    labels = manifest.label_names
    return sample(
        "android", "Predictor.kt", FIELDS="\n".join(rows), INPUTS="\n".join(inputs),
        LABELS=", ".join(map(_quoted, labels)), MISSING=", ".join(map(_quoted, sorted(MISSING))),
        LABEL=_quoted(outputs_of(manifest)[0]),
        GRAPH_LABELS=", ".join(_quoted(str(g)) for g in graph_labels(manifest.labels)),
        SCORES=_quoted(outputs_of(manifest)[-1]), TARGET_COMMENT=comment(manifest.target.name),
    )  # fmt: skip


def _example(manifest: Manifest, fields: dict[str, str]) -> str:
    """Return the usual row as arguments of Kotlin."""
    row = graph_row(manifest)
    said = (
        f"{fields[c.name]} = {_value(c.storage, row[c.name])}"
        for c in manifest.schema.columns
        if row[c.name] is not None
    )
    return ", ".join(said)


def _value(storage: Storage, value: Any) -> str:
    if storage is Storage.number:
        return repr(float(value))
    if storage is Storage.date:
        return f"java.time.LocalDateTime.parse({_quoted(str(value).replace(' ', 'T'))})"
    return _quoted(str(value))


def _quoted(text: str) -> str:
    """Return text as a literal of Kotlin, which has JSON's escapes but no bare dollar.

    >>> _quoted("a $b")
    '"a \\\\$b"'
    """
    return json.dumps(text, ensure_ascii=False).replace("\\f", "\\u000c").replace("$", "\\$")
