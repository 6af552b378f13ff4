"""The pieces of all processes of one version, in a folder: each writes its own, each reads all.

A file holds one piece of one process and is replaced as a whole, so that whoever reads it sees what
was true a few seconds ago. What an earlier process wrote counts until it is too old.
"""

from __future__ import annotations

import contextlib
import logging
import re
from hashlib import blake2b
from pathlib import Path

from mulle.bundle import REFERENCE, WATCH
from mulle.errors import MulleError
from mulle.files import write_bytes
from mulle.verbs.serve.models import LoadedModel
from mulle.verbs.serve.watching.pieces import Piece
from mulle.verbs.watch import Reference

log = logging.getLogger("mulle.verbs.serve.watching")


class Folder:
    """Where the pieces of one version are.

    Args:
        path: the folder; made when the first piece is written.
        owner: a name that no other process has, letters and digits.
        reference: of the windows.
    """

    def __init__(self, path: Path, owner: str, reference: Reference) -> None:
        self.path, self._owner, self._reference = path, owner, reference
        self._known: dict[str, tuple[tuple[int, int], Piece | None]] = {}

    def write(self, start: float, data: bytes) -> None:
        """Put a piece of this process there.

        Raises:
            RunError: the folder cannot be written to.
        """
        write_bytes(self.path / f"{start:.3f}-{self._owner}.json", data)

    def others(self, since: float) -> list[Piece]:
        """The pieces of other processes that end after a moment; older files are removed."""
        found, known = [], self._known
        self._known = {}
        for path, start in _files(self.path):
            if start <= since:
                with contextlib.suppress(OSError):
                    path.unlink()
                continue
            if path.stem.endswith(f"-{self._owner}"):
                continue
            with contextlib.suppress(OSError):
                stat = path.stat()
                state = stat.st_mtime_ns, stat.st_size
                old = known.get(path.name)
                piece = old[1] if old and old[0] == state else self._read(path)
                self._known[path.name] = state, piece
                if piece:
                    found.append(piece)
        return found

    def _read(self, path: Path) -> Piece | None:
        try:
            return Piece.from_bytes(path.read_bytes(), self._reference)
        except MulleError as error:
            log.warning("%s is left out: %s", path.name, error.what)
            return None


def folder_of(state: Path, loaded: LoadedModel) -> Path:
    """The folder of a version: its name for people, and what tells it from every other."""
    members = loaded.model.members
    told = (loaded.name.encode(), loaded.version.encode(), members.get(REFERENCE, b""),
            members.get(WATCH, b""))  # fmt: skip
    digest = blake2b(b"\0".join(told), digest_size=6).hexdigest()
    return state / "watch" / f"{re.sub(r'[^A-Za-z0-9._-]+', '_', loaded.name)[:60]}-{digest}"


def prune(state: Path, since: float) -> None:
    """Remove the old pieces of versions that are served no longer."""
    for folder in (state / "watch").glob("*/"):
        for path, start in _files(folder):
            if start <= since:
                with contextlib.suppress(OSError):
                    path.unlink()
        with contextlib.suppress(OSError):
            folder.rmdir()  # only if nothing is left


def _files(folder: Path) -> list[tuple[Path, float]]:
    found = []
    for path in folder.glob("*-*.json"):
        with contextlib.suppress(ValueError):
            found.append((path, float(path.stem.rpartition("-")[0])))
    return found
