"""A page that runs the model in the browser, with onnxruntime-web.

The runtime is not ours to ship, and nothing is fetched while exporting: the page looks for it where
`npm install` puts it, or takes a copy of a folder that is named, or, only when asked, at a CDN.

catalogue  onnx-interop dev-infer dev-package
"""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

from mulle.bundle.archive import MODEL
from mulle.bundle.card import example_row
from mulle.bundle.exports.delivery import keep_readme
from mulle.bundle.exports.samples import sample
from mulle.bundle.manifest import Manifest, graph_labels
from mulle.bundle.model import Model
from mulle.bundle.trust import outputs_of
from mulle.errors import MissingFile, UsageError
from mulle.files import write_text
from mulle.table import Column
from mulle.table.types import MISSING, NONE_WORDS, WHITESPACE
from mulle.table.types.notation import Notation

VERSION = "1.30.0"  # of onnxruntime-web, with which the page was tried
CDN = "cdn"
_INSTALLED = "node_modules/onnxruntime-web/dist/"
_SCRIPT, _MODULE, _BINARY = (
    "ort.wasm.min.js", "ort-wasm-simd-threaded.mjs", "ort-wasm-simd-threaded.wasm"
)  # fmt: skip
_CDN = f"https://cdn.jsdelivr.net/npm/onnxruntime-web@{VERSION}/dist/"
MAX_GRAPH_BYTES = 256 << 20  # bytes of a graph that is a string in a script
_SORTS = {"image"}  # kinds of columns that a form has no field for


def export_web(model: Model, folder: str | Path, *, runtime: str = "") -> list[Path]:
    """Write the page.

    Args:
        model: a loaded bundle.
        folder: made if it is not there.
        runtime: where the page finds onnxruntime-web: "" where `npm install` in its folder puts
            it; `cdn` at a public server; else the folder `dist` of a copy, which is put into the
            page, so that it can be opened as a file.

    Returns:
        The paths of the files.

    Raises:
        UsageError: a browser cannot run this model, or the folder has a README of something else.
        MissingFile: the folder of the runtime lacks a file.
        RunError: the folder cannot be written to.
    """
    _check(model)
    folder = Path(folder)
    files = {name: sample("web", name) for name in ("prepare.js", "app.js")}
    place, scripts = _INSTALLED, [_INSTALLED + _SCRIPT]
    if runtime == CDN:
        place, scripts = _CDN, [_CDN + _SCRIPT]
    elif runtime:
        files |= _embedded(Path(runtime))
        scripts = ["ort.js", "ort-wasm.js"]
    else:
        needs = {"private": True, "dependencies": {"onnxruntime-web": VERSION}}
        files["package.json"] = json.dumps(needs, indent=1) + "\n"
    files["model.js"] = f"const MODEL = {_data(model, place)};\n"
    tags = "\n".join(f'<script src="{script}"></script>' for script in scripts)
    target = model.manifest.target.name
    files["index.html"] = sample("web", "index.html", TITLE=_html(target), SCRIPTS=tags)
    sort = runtime if runtime in ("", CDN) else "embedded"
    files["README.md"] = _readme(model.manifest, sort)
    keep_readme(folder, files["README.md"])
    for name, text in files.items():
        write_text(folder / name, text)
    return [folder / name for name in files]


def _check(model: Model) -> None:
    """Refuse what would fail in a browser.

    Every operator of a bundle is in onnxruntime-web's own build for the CPU, text included.
    """
    size = len(model.graph)
    if size > MAX_GRAPH_BYTES:
        raise UsageError("web-graph-large", size=size >> 20, most=MAX_GRAPH_BYTES >> 20)
    for column in model.manifest.schema.columns:
        if str(column.kind) in _SORTS:
            raise UsageError(
                "web-column-unfit", where=column.name, column=column.name, kind=str(column.kind)
            )


def _embedded(runtime: Path) -> dict[str, str]:
    """Return the runtime as scripts: a page opened as a file may load scripts, and nothing else."""
    missing = [n for n in (_SCRIPT, _MODULE, _BINARY) if not (runtime / n).is_file()]
    if missing:
        raise MissingFile(
            "web-runtime-missing",
            where=str(runtime),
            path=runtime,
            missing=missing,
            version=VERSION,
            folder=_INSTALLED,
        )
    module = (runtime / _MODULE).read_text("utf-8")
    binary = base64.b64encode((runtime / _BINARY).read_bytes()).decode()
    said = json.dumps({"mjs": module, "wasm": binary})
    return {
        "ort.js": (runtime / _SCRIPT).read_text("utf-8"),
        "ort-wasm.js": f"const RUNTIME = {said};\n",
    }


def _data(model: Model, place: str) -> str:
    """Return all that the page knows, as JSON."""
    from mulle.i18n import LANGUAGES, Messages

    manifest = model.manifest
    outputs, usual = outputs_of(manifest), example_row(manifest)
    words = {lang: Messages(lang) for lang in LANGUAGES}
    keys = [key.removeprefix("web.") for key in words["en"] if key.startswith("web.")]
    return json.dumps(
        {
            "target": manifest.target.name,
            "created": manifest.created,
            "sha256": manifest.checksums.get(MODEL, ""),
            "lang": "en",
            "columns": [_column(column) for column in manifest.schema.columns],
            "asked": [
                _column(column) | {"usual": usual[column.name]} for column in manifest.schema.asked
            ],
            "labels": list(manifest.labels),
            "graphLabels": [str(label) for label in graph_labels(manifest.labels)],
            "chosen": outputs[0],
            "output": outputs[-1],
            "whitespace": WHITESPACE,
            "missing": sorted(MISSING),
            "none": sorted(NONE_WORDS),
            "words": {lang: {key: w(f"web.{key}") for key in keys} for lang, w in words.items()},
            "runtime": place,
            "graph": base64.b64encode(model.graph).decode(),
        },
        ensure_ascii=False,
    )


def _column(column: Column) -> dict[str, Any]:
    return {
        "name": column.name,
        "kind": str(column.kind),
        "storage": str(column.storage),
        "source": column.source,
        **_notation(column.notation),
        "categories": list(column.categories),
    }


def _notation(notation: Notation) -> dict[str, Any]:
    """Return what `prepare.js` reads of a notation; all that it does not know, it refuses."""
    return {
        "repairs": list(notation.repairs),
        "form": notation.form,
        "decimal": notation.decimal,
        "thousands": notation.thousands,
        "scale": notation.scale,
        "missing": list(notation.missing),
        "notMissing": list(notation.not_missing),
    }


def _readme(manifest: Manifest, runtime: str) -> str:
    how = {
        "": "## To run it\n\n"
        "1. `npm install` in this folder, once: it puts onnxruntime-web beside the page.\n"
        "2. `python -m http.server`, or any server of files, and open the page there. Opened as a\n"
        "   file it cannot load the runtime; for that, export with `--runtime FOLDER`.",
        CDN: "## To run it\n\nServe the folder (`python -m http.server`) and open the page. It\n"
        f"loads onnxruntime-web from {_CDN}",
        "embedded": "## To run it\n\nOpen `index.html`. The runtime is in `ort.js` and\n"
        "`ort-wasm.js` (MIT licence, Microsoft).",
    }[runtime]
    return sample(
        "web", "README.md", TARGET=manifest.target.name, RUNTIME=how, CREATED=manifest.created,
        SHA=manifest.checksums.get(MODEL, ""),
    )  # fmt: skip


def _html(text: str) -> str:
    from html import escape

    return escape(text)
