"""Nothing of a person's is overwritten in silence, by any verb that writes a file."""

from __future__ import annotations

import pytest

WRITERS = {
    "reading.toml": ["read", "shop.csv", "-o", "reading.toml"],
    "page.html": ["explore", "shop.csv", "-o", "page.html"],
    "page.json": ["explore", "shop.csv", "-o", "page.json"],
    "page.md": ["explore", "shop.csv", "-o", "page.md"],
    "shop.explore.html": ["explore", "shop.csv"],
    "age.svg": ["explore", "shop.csv", "--chart", "age", "-o", "age.svg"],
    "shop.age.svg": ["explore", "shop.csv", "--chart", "age"],
    "out.csv": ["predict", "shop.mulle", "shop.csv", "-o", "out.csv"],
    "out.parquet": ["predict", "shop.mulle", "shop.csv", "-o", "out.parquet"],
    "drift.html": ["watch", "shop.mulle", "shop.csv", "-o", "drift.html"],
    "drift.json": ["watch", "shop.mulle", "shop.csv", "-o", "drift.json"],
    "out/README.md": ["export", "shop.mulle", "--format", "onnx", "-o", "out"],
    "out/model.onnx": ["export", "shop.mulle", "--format", "c", "-o", "out"],
    "shop_web/index.html": ["export", "shop.mulle", "--format", "web"],
}


@pytest.mark.parametrize("name", WRITERS)
def test_a_file_that_is_there_is_replaced_only_on_purpose(mulle, shop, name):
    (shop / name).parent.mkdir(exist_ok=True)
    (shop / name).write_bytes(b"mine")
    said = mulle(*WRITERS[name])
    assert (said.code, "(output-exists)" in said.err) == (2, True)
    assert "--replace" in said.err
    assert (shop / name).read_bytes() == b"mine"
    assert mulle(*WRITERS[name], "--replace").code == 0
    assert (shop / name).read_bytes() != b"mine"


def test_the_rows_are_not_replaced_by_their_predictions(mulle, shop):
    before = (shop / "shop.csv").read_bytes()
    assert mulle("predict", "shop.mulle", "shop.csv", "-o", "shop.csv").code == 2
    assert (shop / "shop.csv").read_bytes() == before


@pytest.mark.parametrize("name", ["page.html", "shop.explore.html"])
def test_the_page_of_the_same_table_may_be_drawn_again(mulle, shop, name):
    assert mulle(*WRITERS[name]).code == 0
    assert mulle(*WRITERS[name]).code == 0
    (shop / "other.csv").write_bytes((shop / "shop.csv").read_bytes())
    assert mulle("explore", "other.csv", "-o", name).code == 2


def test_an_export_that_is_refused_leaves_the_folder_as_it_was(mulle, shop):
    assert mulle("export", "shop.mulle", "--format", "onnx", "-o", "out").code == 0
    before = {path.name: path.read_bytes() for path in (shop / "out").iterdir()}
    assert mulle("export", "shop.mulle", "--format", "onnx", "-o", "out").code == 0  # the same
    assert mulle("export", "shop.mulle", "--format", "c", "-o", "out").code == 2
    assert {path.name: path.read_bytes() for path in (shop / "out").iterdir()} == before
    assert not [*shop.glob(".out.*")]


@pytest.mark.parametrize("verb", ["predict", "watch"])
def test_a_folder_is_no_file(mulle, shop, verb):
    (shop / "out.html").mkdir()
    (shop / "out.csv").mkdir()
    output = "out.csv" if verb == "predict" else "out.html"
    said = mulle(verb, "shop.mulle", "shop.csv", "-o", output)
    assert (said.code, "(output-not-a-file)" in said.err) == (2, True)


def test_it_is_said_in_korean(mulle, shop):
    (shop / "out.csv").write_bytes(b"mine")
    said = mulle("--lang", "ko", "predict", "shop.mulle", "shop.csv", "-o", "out.csv")
    assert "out.csv가 이미 있어, 쓰면 지워집니다." in said.err
