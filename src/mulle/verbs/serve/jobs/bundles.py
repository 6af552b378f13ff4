"""The bundles that jobs were accepted with, kept for as long as a job needs them.

A model may be replaced while its job waits, or between a crash and the job's second half; all rows
of a job are answered by the version that was named when the job was accepted.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import time
from collections.abc import Collection
from pathlib import Path

from mulle.bundle import Model, load, write_archive
from mulle.verbs.serve.models import LoadedModel, ModelRepository

_UNUSED = 3600.0  # seconds for which a bundle is kept though no job names it


class KeptBundles:
    """Kept bundles, each named by the checksum of its manifest, which holds those of all its files.

    Args:
        state: state folder of the server.
        repository: the models that are served.
    """

    def __init__(self, state: Path, repository: ModelRepository) -> None:
        self._folder, self._repository = state / "models", repository
        self._last: tuple[str, Model] | None = None

    def keep(self, loaded: LoadedModel) -> str:
        """Write a bundle unless it is kept already; return its name.

        Raises:
            RunError: the disk is full.
        """
        name = _name(loaded.model)
        path = self._path(name)
        try:
            os.utime(path)  # so that it is not removed before the job is accepted
        except OSError:
            write_archive(path, loaded.model.manifest, loaded.model.members)
        return name

    def load(self, name: str) -> Model:
        """Return a bundle that was kept; the one that is served, if it is the same.

        Raises:
            MulleError: the bundle is gone or damaged.
        """
        for loaded in self._repository.all():
            if _name(loaded.model) == name:
                return loaded.model
        if self._last is None or self._last[0] != name:
            self._last = name, load(self._path(name))
        return self._last[1]

    def remove_others(self, needed: Collection[str]) -> None:
        """Remove the bundles that no job needs.

        Args:
            needed: names of those that jobs need.
        """
        for path in self._folder.glob("*.mulle"):
            with contextlib.suppress(OSError):
                if path.stem not in needed and path.stat().st_mtime < time.time() - _UNUSED:
                    path.unlink()

    def _path(self, name: str) -> Path:
        return self._folder / f"{name}.mulle"


def _name(model: Model) -> str:
    return hashlib.sha256(model.manifest.to_json()).hexdigest()[:32]
