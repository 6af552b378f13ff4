"""A small container that serves one bundle: a Dockerfile, the file, and the wheel it installs.

catalogue  dev-cloud srv-yaml
"""

from __future__ import annotations

import json
import platform
import re
from pathlib import Path

from mulle.bundle.archive import MODEL, write_archive
from mulle.bundle.card import example_row
from mulle.bundle.exports.delivery import keep_readme
from mulle.bundle.exports.samples import sample
from mulle.bundle.exports.wheel import WHEEL, write_wheel
from mulle.bundle.model import Model
from mulle.files import write_text


def export_docker(model: Model, folder: str | Path, *, name: str = "model") -> list[Path]:
    """Write `Dockerfile`, the bundle, the wheel of mulle, and `README.md` with the commands.

    Args:
        model: a loaded bundle.
        folder: made if it is not there.
        name: of the model, as it is served.

    Returns:
        The paths of the files.

    Raises:
        UsageError: the folder has a README of something else.
        RunError: the folder cannot be written to, or mulle runs from files that were never
            installed.
    """
    folder, manifest = Path(folder), model.manifest
    file = f"{re.sub(r'[^0-9A-Za-z가-힣._-]+', '-', name).strip('.-') or 'model'}.mulle"
    image = re.sub(r"[^0-9a-z]+", "-", name.lower()).strip("-") or "model"
    row = json.dumps(example_row(manifest), ensure_ascii=False).replace("'", r"'\''")
    python = ".".join(platform.python_version_tuple()[:2])
    texts = {
        "Dockerfile": sample(
            "docker", "Dockerfile", PYTHON=python, WHEEL=WHEEL, FILE=file
        ),
        "README.md": sample(
            "docker", "README.md", TARGET=manifest.target.name, IMAGE=image, ROW=row, FILE=file,
            WHEEL=WHEEL, CREATED=manifest.created, SHA=manifest.checksums.get(MODEL, ""),
        ),
        ".dockerignore": f"*\n!{file}\n!{WHEEL}\n",
    }  # fmt: skip
    keep_readme(folder, texts["README.md"])
    write_archive(folder / file, manifest, model.members)
    for text in texts:
        write_text(folder / text, texts[text])
    return [folder / file, write_wheel(folder), *(folder / text for text in texts)]
