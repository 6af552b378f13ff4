"""How a model reaches a device: inside the app, or later; shared by all samples.

catalogue  dev-package dev-runtime
"""

from __future__ import annotations

from pathlib import Path

from mulle.bundle.archive import MODEL
from mulle.bundle.manifest import Manifest
from mulle.errors import UsageError

README = "README.md"


def keep_readme(folder: Path, readme: str) -> None:
    """Refuse a folder whose README is of something else and would be lost.

    Args:
        folder: where an export goes.
        readme: what its README would be; up to the word "predicts" it is the same for a format.

    Raises:
        UsageError: there is a README of another format, or of a person.
    """
    path = folder / README
    mine = readme.partition("predicts")[0]
    if path.is_file() and not path.read_text("utf-8", "replace").startswith(mine):
        raise UsageError("export-readme", where=str(path), folder=folder)


def delivery(manifest: Manifest) -> str:
    """Return two paragraphs for a README, as Markdown."""
    checksum = manifest.checksums.get(MODEL, "")
    made = f"This one was made {manifest.created}; SHA-256 of `{MODEL}`: `{checksum}`."
    return f"""{_derived(manifest)}{made}

**Packed**: the two files are part of what you ship. It works at once and offline; a new model is a
new release.

**Delivered later**: put `{MODEL}` and `model.json` of a newer export on a server, under a name with
its checksum. Fetch `model.json` first. If its `created` is newer than what you have, and its
`inputs` and `outputs` are the same, fetch the graph to a temporary name, compare its SHA-256 with
`sha256`, and only then rename both into place. Keep the packed one to fall back to."""


def _derived(manifest: Manifest) -> str:
    """Return a paragraph on the columns that a caller derives from others; "" without any."""
    derived = [column for column in manifest.schema.columns if column.source]
    if not derived:
        return ""
    named = ", ".join(f"`{column.name}` from `{column.source}`" for column in derived)
    return f"""Columns that you derive from the cells of others: {named}. Give -1 where the cell
is a limit such as <0.5, 1 where it is one such as >100, and 0 where it is a plain number.

"""
