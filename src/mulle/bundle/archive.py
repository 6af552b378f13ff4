"""The .mulle file: a zip, stored, that is trusted only after it was checked.

    model.onnx        the graph, from raw columns to answers
    bundle.json       the manifest, with the SHA-256 of each other file
    reference.arrow   the profile of the training rows, for `watch`
    watch.json        what else `watch` compares with: counts, answers, importances
    card.md           the model card

Reading checks names, sizes, checksums, the graph's inputs and the origin of each operator before
anything is built. Nothing in it is code.
"""

from __future__ import annotations

import hashlib
import io
import stat
import zipfile
from collections.abc import Mapping
from pathlib import Path

import msgspec

from mulle.bundle.manifest import Manifest, damaged, parse_manifest
from mulle.bundle.trust import check_graph
from mulle.errors import MissingFile
from mulle.files import write_bytes

MODEL, MANIFEST, REFERENCE, CARD = "model.onnx", "bundle.json", "reference.arrow", "card.md"
WATCH = "watch.json"
_MEMBERS = {MODEL, MANIFEST, REFERENCE, WATCH, CARD}
_MAX_BYTES = 2**31 - 1  # what a protobuf, and so a graph, may hold
_EPOCH = (1980, 1, 1, 0, 0, 0)  # a bundle depends on what is in it, not on when it was written


def write_archive(path: Path, manifest: Manifest, members: Mapping[str, bytes]) -> None:
    """Write a bundle, whole or not at all.

    Args:
        members: the files but `bundle.json`, by name; `model.onnx` among them.
    """
    sums = {name: hashlib.sha256(data).hexdigest() for name, data in members.items()}
    manifest = msgspec.structs.replace(manifest, checksums=sums)
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for name, data in {MANIFEST: manifest.to_json(), **members}.items():
            archive.writestr(zipfile.ZipInfo(name, _EPOCH), data)
    write_bytes(path, buffer.getvalue())


def read_archive(path: Path) -> tuple[Manifest, dict[str, bytes]]:
    """Read and check a bundle.

    Raises:
        MissingFile: there is no such file.
        BundleError: it is damaged, or holds what a bundle does not hold.
    """
    if not path.is_file():
        raise MissingFile("bundle-is-folder" if path.is_dir() else "bundle-missing", path=path)
    members = _read_members(path)
    if MANIFEST not in members or MODEL not in members:
        raise damaged(str(path), "lacks-member")
    manifest = parse_manifest(members.pop(MANIFEST), str(path))
    if set(manifest.checksums) != set(members):
        raise damaged(str(path), "members-not-listed")
    for name, data in members.items():
        if hashlib.sha256(data).hexdigest() != manifest.checksums[name]:
            raise damaged(str(path), "checksum", name)
    check_graph(members[MODEL], manifest, str(path))
    return manifest, members


def _read_members(path: Path) -> dict[str, bytes]:
    members: dict[str, bytes] = {}
    try:
        with zipfile.ZipFile(path) as archive:
            for info in archive.infolist():
                _check_entry(info, members, path)
                members[info.filename] = archive.read(info)
    except (zipfile.BadZipFile, EOFError, OSError, NotImplementedError, RuntimeError) as error:
        raise damaged(str(path), "not-a-zip") from error
    return members


def _check_entry(info: zipfile.ZipInfo, read: Mapping[str, bytes], path: Path) -> None:
    """Refuse an entry before a byte of it is read."""
    if info.filename not in _MEMBERS:
        raise damaged(str(path), "member-unknown", repr(info.filename))
    if info.filename in read:
        raise damaged(str(path), "member-twice", info.filename)
    if stat.S_ISLNK(info.external_attr >> 16):
        raise damaged(str(path), "member-link", info.filename)
    if info.compress_type != zipfile.ZIP_STORED or info.compress_size != info.file_size:
        raise damaged(str(path), "member-compressed", info.filename)
    # Stored bytes cannot be more than the file: a larger claim is a lie, however small the cap.
    if info.file_size > min(_MAX_BYTES, path.stat().st_size):
        raise damaged(str(path), "member-size", info.filename)
