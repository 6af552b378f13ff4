"""Labels of every sort, and columns called like outputs, survive the way through a file."""

from __future__ import annotations

import numpy as np
import pytest

from mulle.bundle import MODEL, Manifest, load, trace, write_archive
from mulle.graph import g
from mulle.table import Column, Kind, Schema, Storage, Target


class Fixed:
    """Probabilities that put the class `x` of each row first."""

    def __init__(self, column: str, classes: int) -> None:
        self.column, self.classes = column, classes

    def to_onnx(self, inputs):
        classes = g.constant_of(np.arange(self.classes, dtype=np.float64)[None])
        return g.cast(g.equal(inputs[self.column], classes), to=np.float64)


def bundle(tmp_path, labels, name="x"):
    columns = (Column(name, Kind.continuous, Storage.number),)
    task = "binary" if len(labels) == 2 else "multiclass"
    texts = isinstance(labels[0], str)
    kind, storage = (Kind.nominal, Storage.string) if texts else (Kind.continuous, Storage.number)
    target = Target(Column("y", kind, storage), task, labels)
    manifest = Manifest(target=target, schema=Schema(columns))
    path = tmp_path / "m.mulle"
    write_archive(path, manifest, {MODEL: trace(Fixed(name, len(labels)), manifest)})
    return load(path)


@pytest.mark.parametrize(
    "labels",
    [
        (0, 1),
        (1, 0),
        (False, True),
        (True, False),
        (7, -3, 2**40),
        ("b", "a"),
        ("1", "2", "10"),
        (1, "one"),
        (0.5, 1.0, 2.0),
        ("한글", "👍", "", " ", "a\nb"),
    ],
    ids=repr,
)
def test_labels(tmp_path, labels):
    model = bundle(tmp_path, labels)
    answers = model.predict([{"x": code} for code in range(len(labels))]).tolist()
    assert answers == list(labels)
    assert [type(a) for a in answers] == [type(label) for label in labels]
    assert model.classes_.tolist() == list(labels)


@pytest.mark.parametrize("name", ["label", "probabilities", "label_", "mulle/out/0"])
def test_columns_named_like_outputs(tmp_path, name):
    model = bundle(tmp_path, ("a", "b"), name)
    assert model.predict({name: 1}).tolist() == ["b"]


def test_a_bundle_depends_on_what_is_in_it_alone(tmp_path):
    files = []
    for folder in ("a", "b"):
        bundle(tmp_path / folder, ("x", "y"))
        files.append((tmp_path / folder / "m.mulle").read_bytes())
    assert files[0] == files[1]
