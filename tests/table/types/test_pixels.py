"""Images as cells: what Pillow decodes, however they are given, and a word for what is no image."""

from __future__ import annotations

import base64
import io
from pathlib import Path

import msgspec
import numpy as np
import polars as pl
import pytest
from PIL import Image

from mulle.errors import PredictionError
from mulle.table import Column, Kind, Schema, Storage
from mulle.table.types import pixels
from mulle.table.types.notation import Notation
from mulle.table.types.pixels import (
    decode,
    fault_of,
    from_cells,
    measure_images,
    read_images,
    refuse_files,
    to_cell,
)
from mulle.table.types.store import store

RNG = np.random.default_rng(0)
GREY, COLOUR = Notation(form="pixels", side=8), Notation(form="pixels", side=8, channels=3)


def saved(folder, values, name="a.png", **options):
    path = folder / name
    Image.fromarray(values).save(path, **options)
    return str(path)


def noise(*shape):
    return RNG.integers(0, 256, shape, dtype=np.uint8)


def test_an_image_of_the_size_asked_for_is_taken_as_it_is(tmp_path):
    values = noise(8, 8)
    np.testing.assert_array_equal(decode(saved(tmp_path, values), 8, 1), values[None])
    values = noise(8, 8, 3)
    found = decode(saved(tmp_path, values), 8, 3)
    np.testing.assert_array_equal(found, values.transpose(2, 0, 1))


def test_a_larger_one_is_the_mean_of_its_boxes(tmp_path):
    values = noise(32, 32)
    means = values.reshape(8, 4, 8, 4).mean(axis=(1, 3))
    assert np.abs(decode(saved(tmp_path, values), 8, 1)[0] - means).max() < 1  # rounded twice


def test_of_an_oblong_one_the_middle_square_is_taken(tmp_path):
    values = noise(8, 20)
    np.testing.assert_array_equal(decode(saved(tmp_path, values), 8, 1)[0], values[:, 6:14])


def test_it_is_turned_as_its_camera_says(tmp_path):
    values = noise(8, 8)
    image = Image.fromarray(values)
    exif = image.getexif()
    exif[0x0112] = 6  # to be turned by 90 degrees, clockwise
    image.save(tmp_path / "a.png", exif=exif)
    found = decode(str(tmp_path / "a.png"), 8, 1)[0]
    np.testing.assert_array_equal(found, np.rot90(values, -1))


def test_what_is_transparent_is_white(tmp_path):
    values = noise(8, 8, 4)
    values[:4, :, 3], values[4:, :, 3] = 0, 255
    found = decode(saved(tmp_path, values), 8, 3)
    assert (found[:, :4] == 255).all()
    np.testing.assert_array_equal(found[:, 4:], values[4:, :, :3].transpose(2, 0, 1))


def test_deep_grey_is_brought_to_255(tmp_path):
    deep = np.linspace(0, 65535, 64).reshape(8, 8).astype(np.uint16)
    found = decode(saved(tmp_path, deep), 8, 1)[0]
    np.testing.assert_allclose(found, np.linspace(0, 255, 64).reshape(8, 8), atol=1)


@pytest.mark.parametrize("how", ["path", "base64", "data", "pixels"])
def test_a_cell_may_hold_it_in_several_ways(tmp_path, how):
    values = noise(8, 8)
    path = saved(tmp_path, values)
    encoded = base64.b64encode(Path(path).read_bytes()).decode()
    cell = {
        "path": path,
        "base64": encoded,
        "data": "data:image/png;base64," + encoded,
        "pixels": to_cell(values),
    }[how]
    (found,) = read_images(pl.Series([cell]), GREY)
    np.testing.assert_array_equal(from_cells(np.array([found], object), 64)[0], values.ravel())


def large(folder, name):
    Image.new("L", (8_000, 6_000), 100).save(folder / name)
    return folder / name


def broken(folder, name):
    whole = io.BytesIO()
    Image.fromarray(noise(64, 64)).save(whole, "PNG")
    (folder / name).write_bytes(whole.getvalue()[:900])
    return folder / name


def written(data):
    def write(folder, name):
        (folder / name).write_bytes(data)
        return folder / name

    return write


FAULTS = {
    "missing": lambda folder, name: folder / name,
    "empty": written(b""),
    "format": written(b"these are words"),
    "damaged": broken,
    "large": large,
}


@pytest.mark.parametrize("reason", FAULTS)
def test_what_is_no_image_is_refused_with_its_reason(tmp_path, reason):
    cell = str(FAULTS[reason](tmp_path, "x.png"))
    assert read_images(pl.Series([cell]), GREY).to_list() == [None]
    schema = Schema((Column("photo", Kind.image, Storage.string, notation=GREY),))
    assert fault_of(cell) == reason
    for refuse in (
        lambda: schema.row({"photo": cell}),
        lambda: schema.validate(pl.DataFrame({"photo": [None, cell]})),
    ):
        with pytest.raises(PredictionError) as refused:
            refuse()
        assert refused.value.code == "image-unreadable"
        assert refused.value.values["column"] == "photo"


def test_a_large_photograph_is_made_smaller_while_it_is_decoded(tmp_path):
    path = large(tmp_path, "x.jpg")
    assert np.abs(decode(str(path), 8, 1).astype(int) - 100).max() <= 2


def test_a_number_is_no_image():
    values, unread, _ = store(
        pl.Series("photo", [3, None]), Column("photo", Kind.image, Storage.string, notation=GREY)
    )
    assert (values.to_list(), unread.to_list()) == ([None, None], [True, False])


def test_a_server_reads_no_file_that_a_caller_names(tmp_path, monkeypatch):
    monkeypatch.setattr(pixels._Files, "allowed", True)
    path = saved(tmp_path, noise(8, 8))
    encoded = base64.b64encode(Path(path).read_bytes()).decode()
    refuse_files()
    found = read_images(pl.Series([path, encoded]), GREY)
    assert found.is_null().to_list() == [True, False]
    assert fault_of(path) == "base64"


def test_the_size_is_the_usual_one_and_grey_where_all_are_grey(tmp_path):
    grey = [saved(tmp_path, noise(29, 40), f"{i}.png") for i in range(3)]
    assert measure_images(pl.Series(grey)) == Notation(form="pixels", side=28)
    mixed = [*grey, saved(tmp_path, noise(30, 30, 3), "c.png"), None, "nowhere.png"]
    assert measure_images(pl.Series(mixed)) == Notation(form="pixels", side=28, channels=3)
    assert measure_images(pl.Series([saved(tmp_path, noise(500, 500))])).side == 32
    assert measure_images(pl.Series(["nowhere.png"])) is None


def test_a_file_that_changed_is_read_anew(tmp_path):
    schema = Schema((Column("photo", Kind.image, Storage.string, notation=COLOUR),))
    first = schema.row({"photo": saved(tmp_path, noise(8, 8, 3))})
    second = schema.row({"photo": saved(tmp_path, noise(8, 8, 3))})
    assert first != second


@pytest.mark.parametrize("wrong", [{"side": 100_000}, {"side": -1}, {"channels": 2}])
def test_a_hostile_file_cannot_ask_for_an_image_of_any_size(wrong):
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert({"form": "pixels"} | wrong, Notation)
