"""How a model reaches a device: inside the app, or later; shared by all samples.

catalogue  dev-package dev-runtime
"""

from __future__ import annotations

from mulle.bundle.archive import MODEL
from mulle.bundle.manifest import Manifest


def delivery(manifest: Manifest) -> str:
    """Return two paragraphs for a README, as Markdown."""
    checksum = manifest.checksums.get(MODEL, "")
    return f"""This one was made {manifest.created}; SHA-256 of `{MODEL}`: `{checksum}`.

**Packed**: the two files are part of what you ship. It works at once and offline; a new model is a
new release.

**Delivered later**: put `{MODEL}` and `model.json` of a newer export on a server, under a name with
its checksum. Fetch `model.json` first. If its `created` is newer than what you have, and its
`inputs` and `outputs` are the same, fetch the graph to a temporary name, compare its SHA-256 with
`sha256`, and only then rename both into place. Keep the packed one to fall back to."""
