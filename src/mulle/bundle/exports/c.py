"""A program in C that answers one row, through ONNX Runtime's C API alone.

catalogue  dev-infer
"""

from __future__ import annotations

import shlex
from pathlib import Path

from mulle.bundle.archive import MODEL
from mulle.bundle.exports.contract import contract_json, graph_row
from mulle.bundle.exports.delivery import delivery, keep_readme
from mulle.bundle.exports.samples import sample
from mulle.bundle.manifest import Manifest, graph_labels
from mulle.bundle.model import Model
from mulle.bundle.trust import outputs_of
from mulle.files import write_bytes, write_text

_PRINT = {  # by whether there are labels; which one it is, the graph says
    False: 'printf("%.17g\\n", scores[0]);',
    True: 'printf("%s\\n", LABELS[code_of(outputs[0])]);',
}
API = 20  # of ONNX Runtime: the oldest that knows opset 21 and ONNX-ML 5


def export_c(model: Model, folder: str | Path) -> list[Path]:
    """Write `main.c`, what builds it, and the graph.

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
    row = _arguments(manifest)
    said = {"TARGET": manifest.target.name, "EXAMPLE": row, "API": str(API)}
    texts = {
        "main.c": _program(manifest, row),
        "CMakeLists.txt": sample("c", "CMakeLists.txt"),
        "README.md": sample("c", "README.md", DELIVERY=delivery(manifest), **said),
    }
    keep_readme(folder, texts["README.md"])
    for name, text in texts.items():
        write_text(folder / name, text)
    write_bytes(folder / MODEL, model.graph)
    write_bytes(folder / "model.json", contract_json(manifest))
    return [folder / name for name in (*texts, MODEL, "model.json")]


def _program(manifest: Manifest, row: str) -> str:
    columns = manifest.schema.columns
    labels = [str(label).lower() if isinstance(label, bool) else str(label)
              for label in manifest.labels]  # fmt: skip
    outputs = outputs_of(manifest)
    lines = [f"  {{{quoted(c.name)}, {str(c.storage).upper()}}}," for c in columns]
    return sample(
        "c", "main.c",
        TARGET_COMMENT=comment(manifest.target.name), EXAMPLE_COMMENT=comment(row),
        COLUMNS="\n".join(lines), N_COLUMNS=str(len(columns)),
        LABELS=", ".join(map(quoted, labels)) or '""', N_LABELS=str(len(labels)),
        OUTPUTS=", ".join(map(quoted, outputs)), N_OUTPUTS=str(len(outputs)), API=str(API),
        CODE_OF=_code_of(manifest), PRINT_PREDICTION=_PRINT[bool(labels)],
    )  # fmt: skip


def _code_of(manifest: Manifest) -> str:
    """Return the function that finds the graph's label, as it has it, among the labels."""
    if not manifest.labels:
        return ""
    given = graph_labels(manifest.labels)
    if isinstance(given[0], int):
        return sample("c", "label_number.c", GRAPH_LABELS=", ".join(map(str, given))) + "\n"
    return sample("c", "label_text.c", GRAPH_LABELS=", ".join(quoted(str(g)) for g in given)) + "\n"


def _arguments(manifest: Manifest) -> str:
    """Return the usual row as arguments of a shell."""
    row = {name: value for name, value in graph_row(manifest).items() if value is not None}
    return " ".join(shlex.quote(f"{name}={value}") for name, value in row.items())


def quoted(text: str) -> str:
    r"""Return text as a literal of C: UTF-8, with what C reads otherwise as octal escapes.

    >>> quoted('나이 "a"\n??/')
    '"나이 \\042a\\042\\012\\077\\077/"'
    """
    odd = '"\\?'
    return '"' + "".join(f"\\{ord(c):03o}" if c in odd or c < " " else c for c in text) + '"'


def comment(text: str) -> str:
    """Return text with nothing in it that ends a comment."""
    return " ".join(text.replace("*/", "* /").replace("/*", "/ *").split())
