"""A wheel of the mulle that is running, so that an export installs without a package index of ours.

It is put together from the files of the installed package: no compiler, no network, no source tree.
Two wheels of the same version are the same to the byte.

source  Python packaging: the binary distribution format (wheel 1.0)
"""

from __future__ import annotations

import base64
import hashlib
import io
import zipfile
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

import mulle
from mulle.bundle.archive import ZIP_EPOCH
from mulle.errors import RunError
from mulle.files import write_bytes
from mulle.version import __version__

WHEEL = f"mulle-{__version__}-py3-none-any.whl"
_INFO = f"mulle-{__version__}.dist-info"
_FORMAT = "Wheel-Version: 1.0\nGenerator: mulle\nRoot-Is-Purelib: true\nTag: py3-none-any\n"


def write_wheel(folder: Path) -> Path:
    """Write the wheel of this package into a folder, and return its path.

    Raises:
        RunError: mulle runs from files that were never installed, or the folder cannot be written.
    """
    files = _package_files() | _metadata_files()
    rows = [f"{name},sha256={_digest(content)},{len(content)}" for name, content in files.items()]
    record = f"{_INFO}/RECORD"
    files[record] = "\n".join([*rows, f"{record},,", ""]).encode()
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            member = zipfile.ZipInfo(name, ZIP_EPOCH)
            member.external_attr = 0o644 << 16
            member.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(member, content)
    write_bytes(folder / WHEEL, buffer.getvalue())
    return folder / WHEEL


def _package_files() -> dict[str, bytes]:
    package = Path(mulle.__file__).parent
    paths = sorted(path for path in package.rglob("*") if path.is_file())
    return {
        path.relative_to(package.parent).as_posix(): path.read_bytes()
        for path in paths
        if path.suffix != ".pyc"
    }


def _metadata_files() -> dict[str, bytes]:
    found = _installed()
    metadata = found.read_text("METADATA") or found.read_text("PKG-INFO") or ""
    return {
        f"{_INFO}/METADATA": metadata.encode(),
        f"{_INFO}/WHEEL": _FORMAT.encode(),
        f"{_INFO}/entry_points.txt": (found.read_text("entry_points.txt") or "").encode(),
    }


def _installed() -> Distribution:
    try:
        return distribution("mulle")
    except PackageNotFoundError:
        raise RunError("wheel-not-installed", folder=Path(mulle.__file__).parent) from None


def _digest(content: bytes) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
