"""The .mulle file: a zip, stored, that is trusted only after it was checked.

    model.onnx        the graph, from raw columns to answers
    bundle.json       the manifest, with the SHA-256 of each other file
    reference.arrow   the profile of the training rows, for `watch`
    card.md           the model card

Reading checks names, sizes, checksums, the graph's inputs and the origin of each operator before
anything is built. Nothing in it is code.
"""

from __future__ import annotations

import hashlib
import io
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from mulle.bundle.manifest import Manifest, parse_manifest
from mulle.errors import BundleError, MissingFile
from mulle.files import write_bytes

if TYPE_CHECKING:
    from onnx import GraphProto

MODEL, MANIFEST, REFERENCE, CARD = "model.onnx", "bundle.json", "reference.arrow", "card.md"
_MEMBERS = {MODEL, MANIFEST, REFERENCE, CARD}
_MAX_BYTES = 2**31 - 1  # what a protobuf, and so a graph, may hold
_OPERATORS = {"": None, "ai.onnx": None, "ai.onnx.ml": None, "com.microsoft": {"Tokenizer"}}
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
        raise MissingFile("file-missing", f"There is no bundle {path}.", fix="Check the path.")
    try:
        with zipfile.ZipFile(path) as archive:
            members = {info.filename: _read(archive, info, path) for info in archive.infolist()}
    except (zipfile.BadZipFile, EOFError, OSError, NotImplementedError, RuntimeError) as error:
        raise _damaged(path, f"it is not a whole zip file ({error})") from error
    if MANIFEST not in members or MODEL not in members:
        raise _damaged(path, "it lacks bundle.json or model.onnx")
    manifest = parse_manifest(members.pop(MANIFEST), str(path))
    for name, data in members.items():
        if hashlib.sha256(data).hexdigest() != manifest.checksums.get(name):
            raise _damaged(path, f"{name} is not the file that was written")
    check_graph(members[MODEL], manifest, path)
    return manifest, members


def _read(archive: zipfile.ZipFile, info: zipfile.ZipInfo, path: Path) -> bytes:
    if info.filename not in _MEMBERS:
        raise _damaged(path, f"it holds {info.filename!r}, which no bundle holds")
    if info.compress_type != zipfile.ZIP_STORED or info.file_size > _MAX_BYTES:
        raise _damaged(path, f"{info.filename} is compressed or too large")
    return archive.read(info)


def check_graph(model: bytes, manifest: Manifest, path: Path) -> None:
    """Refuse a graph whose inputs or operators are not those of a bundle."""
    from onnx import ModelProto

    proto = ModelProto()
    try:
        proto.ParseFromString(model)
    except Exception as error:
        raise _damaged(path, "model.onnx is not an ONNX graph") from error
    if [i.name for i in proto.graph.input] != manifest.schema.names:
        raise _damaged(path, "the graph's inputs are not the columns of the schema")
    _check_operators(proto.graph, path)
    if proto.functions:
        raise _damaged(path, "the graph brings functions of its own")


def _check_operators(graph: GraphProto, path: Path) -> None:
    if any(tensor.external_data for tensor in graph.initializer):
        raise _damaged(path, "the graph reads other files")
    for node in graph.node:
        known = node.domain in _OPERATORS
        allowed = _OPERATORS.get(node.domain)
        if not known or (allowed is not None and node.op_type not in allowed):
            raise _damaged(path, f"the graph uses {node.domain}.{node.op_type}")
        for attribute in node.attribute:
            if attribute.t.external_data:
                raise _damaged(path, "the graph reads other files")
            if attribute.HasField("g"):
                _check_operators(attribute.g, path)


def _damaged(path: Path, why: str) -> BundleError:
    return BundleError(
        "bundle-damaged",
        f"{path.name} cannot be trusted: {why}.",
        fix="Copy the bundle again from where it was made, or train anew: mulle fit",
        where=str(path),
    )
