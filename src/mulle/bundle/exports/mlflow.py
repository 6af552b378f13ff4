"""A bundle as an MLflow model, loaded by `mlflow.pyfunc.load_model` through this very module.

The flavor names this module as its loader, so that nothing is pickled. MLflow itself is not needed
to write the folder. Its signature names the columns and leaves their types open: MLflow refuses a
column of whole numbers where floating-point ones are declared, and pandas decides for each file
which of the two a column is. What a cell means is decided by the bundle, as everywhere.

source  MLflow Models: storage format and the python_function flavor
"""

from __future__ import annotations

import json
import platform
from pathlib import Path
from typing import Any

from mulle.bundle.archive import write_archive
from mulle.bundle.card import example_row
from mulle.bundle.exports.wheel import WHEEL, write_wheel
from mulle.bundle.manifest import Manifest
from mulle.bundle.model import Model, load
from mulle.files import write_text

_DATA = "data/model.mulle"
_WHEELS = "wheels"  # where MLflow itself keeps wheels that a model installs
_REQUIREMENTS = [f"{_WHEELS}/{WHEEL}[pandas]"]


class PyFunc:
    """What MLflow calls: the bundle, taking a pandas frame."""

    def __init__(self, model: Model) -> None:
        self.model = model

    def predict(self, data: Any, params: dict[str, Any] | None = None) -> Any:
        """Return the label (or value) of each row [N]; `params` may ask for probabilities [N, C].

        Args:
            data: rows, see `Model`.
            params: `{"proba": True}` for class probabilities.
        """
        if (params or {}).get("proba"):
            return self.model.predict_proba(data)
        return self.model.predict(data)


def _load_pyfunc(path: str) -> PyFunc:
    """Return the model; MLflow's python_function flavor calls its loader by this name."""
    return PyFunc(load(path))


def export_mlflow(model: Model, folder: str | Path) -> list[Path]:
    """Write a bundle in MLflow's layout.

    Args:
        model: a loaded bundle.
        folder: made if it is not there.

    Returns:
        The paths of the files.

    Raises:
        RunError: the folder cannot be written to, or mulle runs from files that were never
            installed.
    """
    folder = Path(folder)
    write_archive(folder / _DATA, model.manifest, model.members)
    python, pip = platform.python_version(), ["pip", {"pip": _REQUIREMENTS}]
    row = example_row(model.manifest)
    # Written as JSON, which is YAML and cannot be misquoted.
    documents: dict[str, Any] = {
        "MLmodel": _mlmodel(model.manifest, python),
        "python_env.yaml": {
            "python": python,
            "build_dependencies": ["pip", "setuptools", "wheel"],
            "dependencies": ["-r requirements.txt"],
        },
        "conda.yaml": {
            "name": "mlflow-env",
            "channels": ["conda-forge"],
            "dependencies": [f"python={python}", *pip],
        },
        "input_example.json": {"columns": list(row), "data": [list(row.values())]},
    }
    for name, document in documents.items():
        write_text(folder / name, json.dumps(document, ensure_ascii=False, indent=1) + "\n")
    write_text(folder / "requirements.txt", "\n".join(_REQUIREMENTS) + "\n")
    wheel = write_wheel(folder / _WHEELS)
    return [*(folder / name for name in [*documents, "requirements.txt", _DATA]), wheel]


def _mlmodel(manifest: Manifest, python: str) -> dict[str, Any]:
    flavor = {
        "loader_module": __name__,
        "data": _DATA,
        "env": {"conda": "conda.yaml", "virtualenv": "python_env.yaml"},
        "python_version": python,
    }
    example = {
        "artifact_path": "input_example.json",
        "pandas_orient": "split",
        "type": "dataframe",
    }
    return {
        "flavors": {"python_function": flavor},
        "signature": _signature(manifest),
        "saved_input_example_info": example,
    }


def _signature(manifest: Manifest) -> dict[str, str | None]:
    """Return the schema in MLflow's words: each part is JSON in a string; values may be missing."""
    inputs = [
        {"type": "any", "name": column.name, "required": False} for column in manifest.schema.asked
    ]
    params = [{"name": "proba", "type": "boolean", "default": False, "shape": None}]
    return {
        "inputs": json.dumps(inputs, ensure_ascii=False),
        "outputs": json.dumps([{"type": _output_type(manifest), "required": True}]),
        "params": json.dumps(params) if manifest.labels else None,
    }


def _output_type(manifest: Manifest) -> str:
    sorts = {type(label) for label in manifest.labels}
    if not sorts or sorts == {float}:
        return "double"
    return (
        {bool: "boolean", int: "long"}.get(sorts.pop(), "string") if len(sorts) == 1 else "string"
    )
