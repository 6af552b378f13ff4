"""Zip files that are not bundles, or pretend to be."""

from __future__ import annotations

import stat
import struct
import warnings
import zipfile

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mulle.bundle import load
from mulle.errors import BundleError, MissingFile


def refused(path) -> tuple[str, str]:
    """Why a file is refused, and which part of it."""
    with pytest.raises(BundleError) as caught:
        load(path)
    assert caught.value.code == "bundle-damaged"
    assert caught.value.where.startswith(str(path))
    assert caught.value.what.startswith("The model file cannot be trusted: ")
    return caught.value.values["reason"], caught.value.where.removeprefix(str(path))


def test_the_whole_message(tmp_path):
    path = tmp_path / "empty.mulle"
    path.write_bytes(b"")
    with pytest.raises(BundleError) as caught:
        load(path)
    assert str(caught.value) == (
        "The model file cannot be trusted: it is not a whole zip file.\n"
        f"  where: {path}\n"
        "  fix: Copy it again from where it was made, or train anew: "
        "mulle fit TABLE --target COLUMN"
    )


def test_missing_file_and_folder(tmp_path):
    with pytest.raises(MissingFile) as missing:
        load(tmp_path / "none.mulle")
    assert str(missing.value) == (
        f"There is no model file {tmp_path / 'none.mulle'}.\n"
        "  fix: Check the path, or make one: mulle fit TABLE --target COLUMN"
    )
    with pytest.raises(MissingFile, match="is a folder"):
        load(tmp_path)


def test_sound_bundle_loads(members, write):
    assert load(write(members)).manifest.task == "binary"


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9, 0.999])
def test_truncated(members, write, share):
    path = write(members)
    data = path.read_bytes()
    path.write_bytes(data[: int(len(data) * share)])
    assert refused(path) == ("not-a-zip", "")


def test_wrong_checksum(members, write, tmp_path):
    path = write(members)
    with zipfile.ZipFile(path) as archive:
        manifest = archive.read("bundle.json")
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("bundle.json", manifest)
        archive.writestr("model.onnx", members["model.onnx"] + b"\0")
        archive.writestr("card.md", members["card.md"])
        archive.writestr("trial.json", members["trial.json"])
    assert refused(path) == ("checksum", ": model.onnx")


def test_files_that_the_manifest_does_not_list(members, write):
    path = write(members)
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("reference.arrow", b"")
    assert refused(path) == ("members-not-listed", "")


@pytest.mark.parametrize("gone", ["bundle.json", "model.onnx"])
def test_lacking_a_file(members, tmp_path, gone):
    path = tmp_path / "lacking.mulle"
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in members.items():
            if name != gone:
                archive.writestr(name, data)
    assert refused(path) == ("lacks-member", "")


@pytest.mark.parametrize(
    "name", ["evil.py", "../card.md", "/etc/passwd", "C:\\card.md", "sub/model.onnx", "Model.onnx"]
)
def test_members_that_no_bundle_holds(members, write, name):
    path = write(members)
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr(name, b"x")
    assert refused(path) == ("member-unknown", f": {name!r}")


def test_member_twice(members, write):
    path = write(members)
    with warnings.catch_warnings(), zipfile.ZipFile(path, "a") as archive:
        warnings.simplefilter("ignore")
        archive.writestr("model.onnx", members["model.onnx"])
    assert refused(path) == ("member-twice", ": model.onnx")


def test_zip_bomb(members, write):
    path = write(members | {"card.md": b"\0" * 20_000_000}, compression=zipfile.ZIP_DEFLATED)
    assert path.stat().st_size < 100_000
    assert refused(path)[0] == "member-compressed"


def test_link(members, write):
    path = write(members)
    link = zipfile.ZipInfo("reference.arrow")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr(link, "/etc/passwd")
    assert refused(path) == ("member-link", ": reference.arrow")


@pytest.mark.parametrize("claim", [2**31 - 2, 2**32 - 2])
def test_huge_claim(members, write, claim):
    path = write(members)
    data = bytearray(path.read_bytes())
    entry = data.index(b"PK\x01\x02")  # the first entry of the central directory
    struct.pack_into("<II", data, entry + 20, claim, claim)
    path.write_bytes(bytes(data))
    assert refused(path)[0] == "member-size"


def test_encrypted_member(members, write):
    path = write(members)
    data = bytearray(path.read_bytes())
    entry = data.index(b"PK\x01\x02")
    data[entry + 8] |= 1
    path.write_bytes(bytes(data))
    assert refused(path) == ("not-a-zip", "")


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.data())
def test_any_damaged_byte_is_refused_or_harmless(members, write, data):
    """One byte changed anywhere: the file is refused, or answers as before."""
    path = write(members)
    whole = bytearray(path.read_bytes())
    at = data.draw(st.integers(0, len(whole) - 1))
    whole[at] ^= data.draw(st.integers(1, 255))
    path.write_bytes(bytes(whole))
    try:
        model = load(path)
    except BundleError:
        return
    assert model.graph == members["model.onnx"]
