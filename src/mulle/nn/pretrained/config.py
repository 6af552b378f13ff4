"""`config.json` of a folder: the settings of its network, refused where they are not plain."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from mulle.errors import DataError, MissingFile
from mulle.nn.pretrained.blocks import ACTIVATIONS

LARGEST_FILE = 20_000_000  # bytes of a config.json


class Config:
    """Settings of a network, by name.

    Args:
        values: what stands in the file.
        where: the file, for refusals.
    """

    def __init__(self, values: dict[str, Any], where: str = "") -> None:
        self.values, self.where = values, where

    @property
    def model_type(self) -> str:
        """Name of the architecture, as in the file."""
        return str(self.values.get("model_type", ""))

    @property
    def network(self) -> str:
        """Name of the class that was saved, "" where the file tells none."""
        names = self.values.get("architectures") or [""]
        return str(names[0]) if isinstance(names, list) else ""

    def number(self, name: str, default: int | None = None) -> int:
        """Return a whole number from 0 to a million.

        Raises:
            DataError: it is missing, or no such number.
        """
        value = self.values.get(name, default)
        value = default if value is None else value
        if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= 1_000_000:
            raise DataError("pretrained-number", where=self.where, setting=name, value=repr(value))
        return value

    def real(self, name: str, default: float) -> float:
        """Return a finite number.

        Raises:
            DataError: it is no such number.
        """
        value = self.values.get(name, default)
        value = default if value is None else value
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not abs(value) < 1e30:
            raise DataError("pretrained-number", where=self.where, setting=name, value=repr(value))
        return float(value)

    def activation(self, name: str, default: str = "gelu") -> str:
        """Return the name of an activation.

        Raises:
            DataError: the engine has none of that name.
        """
        value = self.values.get(name, default)
        self._require(name, value, ACTIVATIONS)
        return str(value)

    def expect(self, name: str, *allowed: Any) -> None:
        """Refuse a setting with another value than those that the engine computes.

        Raises:
            DataError: it has another value.
        """
        if name in self.values:
            self._require(name, self.values[name], allowed)

    def labels(self) -> list[str]:
        """Return the names of the classes of a classifier, in the order of its outputs."""
        names = self.values.get("id2label")
        if not isinstance(names, dict) or sorted(names) != sorted(map(str, range(len(names)))):
            return [f"LABEL_{i}" for i in range(self.number("num_labels", 2))]
        return [str(names[str(i)]) for i in range(len(names))]

    def _require(self, name: str, value: Any, allowed: Iterable[Any]) -> None:
        allowed = list(allowed)
        if value not in allowed:
            raise DataError(
                "pretrained-setting",
                where=self.where,
                setting=name,
                value=repr(value),
                allowed=[str(a) for a in allowed],
            )


def read_config(folder: Path) -> Config:
    """Read `config.json` of a folder.

    Raises:
        MissingFile: there is no such folder, or no config.json in it.
        DataError: the file is damaged, or asks for code of its own.
    """
    path = folder / "config.json"
    if not path.is_file():
        raise MissingFile("pretrained-no-config", where=str(folder), name=folder.name)
    values = read_json(path)
    if "auto_map" in values or "custom_pipelines" in values:
        raise DataError("pretrained-code", where=str(path))
    return Config(values, str(path))


def read_json(path: Path) -> dict[str, Any]:
    """Read a JSON file that holds an object; {} where there is none.

    Raises:
        DataError: it is damaged.
    """
    if not path.is_file():
        return {}
    if path.stat().st_size > LARGEST_FILE:
        raise DataError("pretrained-json", where=str(path), name=path.name)
    try:
        values = json.loads(path.read_text(encoding="utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise DataError("pretrained-json", where=str(path), name=path.name) from error
    if not isinstance(values, dict):
        raise DataError("pretrained-json", where=str(path), name=path.name)
    return values
