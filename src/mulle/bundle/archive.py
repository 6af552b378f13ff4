"""The .mulle file: a zip, stored, that is trusted only after it was checked.

    model.onnx        the graph, from raw columns to answers
    bundle.json       the manifest, with the SHA-256 of each other file
    reference.arrow   the profile of the training rows, for `watch`
    tokenizer.json    how texts become tokens, where an encoder reads them
    watch.json        what else `watch` compares with: counts, answers, importances
    trial.json        a few rows with their answers, asked again at each loading
    card.md           the model card

Reading checks names, sizes, checksums, the graph's inputs and the origin of each operator before
anything is built. Nothing in it is code.
"""

from __future__ import annotations

import hashlib
import io
import os
import stat
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import msgspec

from mulle.bundle.manifest import Manifest, damaged, parse_manifest
from mulle.bundle.trust import check_graph
from mulle.errors import BundleError, MissingFile, RunError
from mulle.files import write_bytes

MODEL, MANIFEST, REFERENCE, CARD = "model.onnx", "bundle.json", "reference.arrow", "card.md"
WATCH, TRIAL, TOKENIZER = "watch.json", "trial.json", "tokenizer.json"
_MEMBERS = {MODEL, MANIFEST, REFERENCE, WATCH, TRIAL, TOKENIZER, CARD}
_MAX_BYTES = 2**31 - 1  # what a protobuf, and so a graph, may hold
MAX_BUNDLE_BYTES = 2 * _MAX_BYTES  # a graph, and all that stands beside it
_BEGINS, _ENDS, _END_BYTES = b"PK\3\4", b"PK\5\6", 22  # of a zip without a comment
ZIP_EPOCH = (1980, 1, 1, 0, 0, 0)  # a bundle depends on what is in it, not on when it was written


class BundleBytes(NamedTuple):
    """The bytes of a `.mulle` file as they were read once, and their SHA-256."""

    data: bytes
    sha256: str


def write_archive(path: Path, manifest: Manifest, members: Mapping[str, bytes]) -> None:
    """Write a bundle, whole or not at all; see `pack_archive`."""
    write_bytes(path, pack_archive(manifest, members))


def pack_archive(manifest: Manifest, members: Mapping[str, bytes]) -> bytes:
    """Return the bytes of a bundle.

    Args:
        members: the files but `bundle.json`, by name; `model.onnx` among them.
    """
    sums = {name: hashlib.sha256(data).hexdigest() for name, data in members.items()}
    manifest = msgspec.structs.replace(manifest, checksums=sums)
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for name, data in {MANIFEST: manifest.to_json(), **members}.items():
            archive.writestr(zipfile.ZipInfo(name, ZIP_EPOCH), data)
    return buffer.getvalue()


def read_archive(path: Path) -> tuple[Manifest, dict[str, bytes]]:
    """Read and check a bundle.

    Raises:
        MissingFile: there is no such file.
        BundleError: it cannot be read, is damaged, or holds what a bundle does not hold.
    """
    return unpack_archive(read_bundle(path), str(path))


def read_bundle(path: Path) -> bytes:
    """Return the bytes of a bundle, once: what is checked, hashed and loaded is then the same.

    What never ends or never begins (a pipe, a device) is not opened.

    Raises:
        MissingFile: there is no such file.
        BundleError: it is no file, cannot be read, or is too large.
    """
    try:
        found = path.stat()
        if stat.S_ISREG(found.st_mode) and found.st_size <= MAX_BUNDLE_BYTES:
            with open(path, "rb", opener=_open_at_once) as file:
                return file.read(MAX_BUNDLE_BYTES + 1)
    except FileNotFoundError as error:
        raise MissingFile("bundle-missing", path=path) from error
    except (OSError, ValueError) as error:  # ValueError: a name with a null character
        reason = getattr(error, "strerror", None) or error
        raise BundleError("bundle-unreadable", where=path, name=path.name, error=reason) from error
    if stat.S_ISREG(found.st_mode):
        raise damaged(str(path), "bundle-large")
    if stat.S_ISDIR(found.st_mode):
        raise MissingFile("bundle-is-folder", path=path)
    raise BundleError("bundle-no-file", where=path, name=path.name)


def read_hashed(path: Path, sha256: str = "") -> BundleBytes:
    """Return the bytes of a bundle with their checksum, as `read_bundle` reads them.

    Args:
        path: a `.mulle` file.
        sha256: checksum that it was registered with; "" where it may be any.

    Raises:
        RunError: it has another checksum.
    """
    data = read_bundle(path)
    found = hashlib.sha256(data).hexdigest()
    if sha256 not in ("", found):
        raise RunError("bundle-replaced", where=path, name=path.name)
    return BundleBytes(data, found)


def _open_at_once(path: str, flags: int) -> int:
    """Open without waiting, should a pipe have taken the place of the file just now."""
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))


def unpack_archive(data: bytes, where: str) -> tuple[Manifest, dict[str, bytes]]:
    """Check the bytes of a bundle, and return what it holds.

    Raises:
        BundleError: it is damaged, or holds what a bundle does not hold.
    """
    members = _unpack(data, where)
    if MANIFEST not in members or MODEL not in members:
        raise damaged(where, "lacks-member")
    manifest = parse_manifest(members.pop(MANIFEST), where)
    if set(manifest.checksums) != set(members):
        raise damaged(where, "members-not-listed")
    for name, member in members.items():
        if hashlib.sha256(member).hexdigest() != manifest.checksums[name]:
            raise damaged(where, "checksum", name)
    check_graph(members[MODEL], manifest, where)
    return manifest, members


def _unpack(data: bytes, where: str) -> dict[str, bytes]:
    members: dict[str, bytes] = {}
    if not data.startswith(_BEGINS) or data[-_END_BYTES:][: len(_ENDS)] != _ENDS:
        raise damaged(where, "not-a-zip")  # also one with something before or behind it
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            for info in archive.infolist():
                _check_entry(info, members, where, len(data))
                members[info.filename] = archive.read(info)
    except (zipfile.BadZipFile, EOFError, OSError, NotImplementedError, RuntimeError) as error:
        raise damaged(where, "not-a-zip") from error
    return members


def _check_entry(info: zipfile.ZipInfo, read: Mapping[str, bytes], where: str, size: int) -> None:
    """Refuse an entry before a byte of it is read."""
    if info.filename not in _MEMBERS:
        raise damaged(where, "member-unknown", repr(info.filename))
    if info.filename in read:
        raise damaged(where, "member-twice", info.filename)
    if stat.S_ISLNK(info.external_attr >> 16):
        raise damaged(where, "member-link", info.filename)
    if info.compress_type != zipfile.ZIP_STORED or info.compress_size != info.file_size:
        raise damaged(where, "member-compressed", info.filename)
    # Stored bytes cannot be more than the file: a larger claim is a lie, however small the cap.
    if info.file_size > min(_MAX_BYTES, size):
        raise damaged(where, "member-size", info.filename)
