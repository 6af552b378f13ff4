"""A bundle.json that is not what was agreed."""

from __future__ import annotations

import json

import pytest

from mulle.bundle import load
from mulle.errors import BundleError

UNREADABLE = r"this file in it cannot be read\.\n  where: .*bundle\.json"
TARGET = {
    "column": {"name": "y", "kind": "nominal", "storage": "string"},
    "task": "binary",
    "labels": ["no", "yes"],
}


def error_for(members, write, **changes) -> BundleError:
    manifest = json.loads(members["bundle.json"]) | changes
    path = write(members | {"bundle.json": json.dumps(manifest).encode()})
    with pytest.raises(BundleError) as caught:
        load(path)
    assert caught.value.where.startswith(str(path))
    return caught.value


def test_newer_format(members, write):
    error = error_for(members, write, format=99)
    assert error.code == "bundle-newer"
    assert error.what == "The model file has format 99; this mulle reads up to 2."
    assert error.fix == "pip install -U mulle"


@pytest.mark.parametrize(
    "changes",
    [
        {"format": "1"},
        {"format": 0},
        {"target": "y"},
        {"target": {**TARGET, "task": "clustering"}},
        {"target": {**TARGET, "task": 3}},
        {"target": {**TARGET, "labels": "ab"}},
        {"target": {**TARGET, "labels": [{}, {}]}},
        {"target": {**TARGET, "labels": ["only one"]}},
        {"target": {**TARGET, "labels": [], "task": "binary"}},
        {"target": {**TARGET, "task": "regression"}},
        {"schema": []},
        {"schema": {"columns": []}},
        {"schema": {"columns": [{"name": "a", "kind": "odd", "storage": "number"}]}},
        {"batch_rows": 0},
        {"batch_rows": -1},
        {"parity": {"rows": "many"}},
        {"checksums": None},
        {"checksums": {}},
        {"usual": [1]},
    ],
    ids=str,
)
def test_wrong_values(members, write, changes):
    if changes.get("checksums", ...) in (None, {}):
        path = write(members)
        import zipfile

        with zipfile.ZipFile(path) as archive:
            files = {name: archive.read(name) for name in archive.namelist()}
        manifest = json.loads(files["bundle.json"]) | changes
        with zipfile.ZipFile(path, "w") as archive:
            for name, data in (files | {"bundle.json": json.dumps(manifest).encode()}).items():
                archive.writestr(name, data)
        with pytest.raises(BundleError):
            load(path)
        return
    assert error_for(members, write, **changes).code == "bundle-damaged"


def test_a_column_twice(members, write):
    manifest = json.loads(members["bundle.json"])
    columns = manifest["schema"]["columns"]
    error = error_for(members, write, schema={"columns": [columns[0], *columns]})
    assert error.what.endswith("bundle.json names no column, or one twice.")


@pytest.mark.parametrize("text", [b"", b"null", b"[]", b"{", b"\xff\xfe", b'{"format": 1}'])
def test_no_manifest_at_all(members, tmp_path, text):
    import zipfile

    path = tmp_path / "bad.mulle"
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in (members | {"bundle.json": text}).items():
            archive.writestr(name, data)
    with pytest.raises(BundleError, match=UNREADABLE):
        load(path)


def test_deep_nesting(members, tmp_path):
    import zipfile

    deep = b'{"format": 1, "lineage": ' + b'{"a":' * 100_000 + b"1" + b"}" * 100_001
    path = tmp_path / "deep.mulle"
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in (members | {"bundle.json": deep}).items():
            archive.writestr(name, data)
    with pytest.raises(BundleError, match=UNREADABLE):
        load(path)
