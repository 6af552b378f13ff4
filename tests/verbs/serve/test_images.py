"""A folder of images through every room: fitted, proved, predicted, served, watched, retrained."""

from __future__ import annotations

import base64
import contextlib

import numpy as np
import polars as pl
import pytest
from PIL import Image
from sklearn.datasets import load_digits

import mulle
from mulle.cli import main

BROKEN = {"bad1.png": b"words", "bad2.png": b"", "bad3.png": b"\x89PNG\r\n\x1a\n"}


def write(folder, rows, names):
    """Write digits as images, each under a name that `names` gives it."""
    digits = load_digits()
    for i in rows:
        path = folder / names(i, int(digits.target[i]))
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray((digits.images[i] * 15.9).astype(np.uint8)).save(path)
    return digits.target[list(rows)]


@pytest.fixture(scope="module")
def images(tmp_path_factory):
    """A folder with a model of digits, 600 of which it saw, and 100 that it did not."""
    folder = tmp_path_factory.mktemp("images")
    write(folder / "digits", range(600), lambda i, label: f"{label}/{i:04}.png")
    for name, data in BROKEN.items():
        (folder / "digits" / "4" / name).write_bytes(data)
    truth = write(folder / "new", range(600, 700), lambda i, _: f"{i:04}.png")
    with contextlib.chdir(folder):
        mulle.fit("digits", target="folder", trials=2, preset="quick", seed=0, output=".")
    return folder, truth


def test_what_is_learned_is_right_and_proved(images):
    folder, truth = images
    model = mulle.load(folder / "digits.mulle")
    rows = pl.DataFrame({"image": [str(p) for p in sorted((folder / "new").iterdir())]})
    assert np.mean(model.predict(rows) == truth.astype(str)) > 0.9
    assert model.manifest.parity.label_flips == 0
    assert "convolution" in model.manifest.lineage["plans"]


def test_no_training_image_is_in_the_file(images):
    folder, _ = images
    model = mulle.load(folder / "digits.mulle")
    assert model.manifest.usual == {"image": None}
    pixels = sum(len(m.decode("utf-8", "ignore")) for m in (model.members["reference.arrow"],))
    assert pixels < 20_000


def test_broken_images_are_named_and_lose_nothing(images, capfd):
    folder, _ = images
    with contextlib.chdir(folder):
        assert main(["explain", "digits.mulle"]) == 0
        said = capfd.readouterr().out
        assert "3 images cannot be read" in said
        assert "bad1.png" in said
        assert main(["predict", "digits.mulle", "digits/4"]) == 1
        assert "bad1.png" in capfd.readouterr().err
        assert main(["predict", "digits.mulle", "digits/4", "--on-error", "null"]) == 0
    answers = pl.read_csv(capfd.readouterr().out.encode(), infer_schema=False)
    names = sorted(p.name for p in (folder / "digits" / "4").iterdir())
    assert answers.height == len(names)
    wrong = [
        name for name, empty in zip(names, answers["prediction"].is_null(), strict=True) if empty
    ]
    assert wrong == sorted(BROKEN)
    assert (answers["prediction"].drop_nulls() == "4").mean() > 0.9


def test_served_as_bytes_and_as_text_and_never_by_a_name(images, start):
    folder, _ = images
    server, model = start(folder / "digits.mulle"), mulle.load(folder / "digits.mulle")
    path = folder / "new" / "0605.png"
    expected = model.predict_proba({"image": str(path)})[0]
    encoded = base64.b64encode(path.read_bytes()).decode()
    for answer in (
        server.post("/predict", path.read_bytes(), content_type="image/png"),
        server.post("/predict", {"image": encoded}),
        server.post("/predict", {"image": f"data:image/png;base64,{encoded}"}),
    ):
        assert list(answer.json()["probabilities"].values()) == pytest.approx(expected.tolist())
    for named in (str(path), "/etc/passwd", "no image", ""):
        answer = server.post("/predict", {"image": named})
        assert (answer.status, answer.json()["error"]["code"]) == (422, "image-unreadable")
    empty = server.post("/predict", {"image": None}).json()
    assert sum(empty["probabilities"].values()) == pytest.approx(1)


def test_watched_and_scored_and_explained(images, capfd):
    folder, truth = images
    with contextlib.chdir(folder):
        report = mulle.watch("digits.mulle", "new")
        write(folder / "later", range(700, 800), lambda i, label: f"{label}/{i:04}.png")
        scores = mulle.evaluate("digits.mulle", "later")
        (why, *_) = mulle.load("digits.mulle").explain(
            pl.DataFrame({"image": [str(p) for p in sorted((folder / "new").iterdir())]})
        )
    assert report.columns["image"].status == "not_judged"
    assert scores["accuracy"] > 0.9
    assert why.prediction == str(truth[0])
    assert why.contributions[0].value == "image"


def test_a_table_of_paths_beside_its_images(images, tmp_path):
    folder, _ = images
    paths = sorted((folder / "digits").rglob("0[0-2]*.png"))
    table = pl.DataFrame({
        "photo": [str(p.relative_to(folder)) for p in paths],
        "even": [int(p.parent.name) % 2 == 0 for p in paths],
    })  # fmt: skip
    table.write_csv(folder / "table.csv")
    with contextlib.chdir(tmp_path):
        result = mulle.fit(
            folder / "table.csv", target="even", kinds={"photo": "image"}, trials=2,
            preset="quick", output=tmp_path / "m.mulle",
        )  # fmt: skip
    assert mulle.load(tmp_path / "m.mulle").manifest.schema.names == ["photo"]
    assert result is not None
