"""A model takes the place of another only where its callers notice nothing but scores."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest

from mulle.bundle import check_place, load, model_differences
from mulle.bundle.manifest import Manifest
from mulle.errors import UsageError
from mulle.table import Column, Kind, Schema, Storage, Target
from mulle.table.target import Label, Task

GOLDEN = Path(__file__).parent / "golden"
NAMES = ["binary", "multiclass", "regression"]
AGE = Column("age", Kind.continuous, Storage.number)
CITY = Column("city", Kind.nominal, Storage.string)


def manifest(
    target: str = "sold",
    task: Task = "binary",
    labels: tuple[Label, ...] = (False, True),
    columns: tuple[Column, ...] = (AGE, CITY),
) -> Manifest:
    column = Column(target, Kind.nominal, Storage.string)
    return Manifest(target=Target(column, task, labels), schema=Schema(columns))


def codes(old: Manifest, new: Manifest) -> list[str]:
    return [found.code for found in model_differences(old, new)]


@pytest.mark.parametrize("name", NAMES)
def test_a_model_is_the_same_as_itself(name):
    known = load(GOLDEN / f"{name}.mulle").manifest
    assert model_differences(known, known) == []


DIFFERENT: dict[str, dict[str, Any]] = {
    "model-other-target": {"target": "price"},
    "model-other-task": {"task": "regression", "labels": ()},
    "model-other-labels": {"labels": (0, 1)},  # equal in Python, and another answer in JSON
    "model-asks-more": {"columns": (AGE, CITY, Column("floor", Kind.discrete, Storage.number))},
    "model-reads-otherwise": {"columns": (Column("age", Kind.nominal, Storage.string), CITY)},
}


@pytest.mark.parametrize("code", DIFFERENT)
@pytest.mark.parametrize("lang", ["en", "ko"])
def test_each_difference_has_its_code_and_sentence(code, lang):
    found = model_differences(manifest(), manifest(**DIFFERENT[code]), "sold.mulle")
    assert [one.code for one in found] == [code]
    assert "–" not in found[0].render_what(lang)
    assert "--replace" in found[0].render_fix(lang)


def test_fewer_columns_in_another_order_are_the_same_model():
    assert codes(manifest(), manifest(columns=(CITY, AGE))) == []
    assert codes(manifest(), manifest(columns=(CITY,))) == []


def test_the_same_labels_in_another_order_are_the_same_model():
    assert codes(manifest(), manifest(labels=(True, False))) == []


def test_another_kind_of_the_same_storage_is_the_same_model():
    text = msgspec.structs.replace(CITY, kind=Kind.text)
    assert codes(manifest(), manifest(columns=(AGE, text))) == []


def test_all_differences_are_named_the_weightiest_first():
    more = (Column("age", Kind.nominal, Storage.string), Column("x", Kind.text, Storage.string))
    assert codes(manifest(), manifest(target="y", columns=more)) == [
        "model-other-target",
        "model-asks-more",
        "model-reads-otherwise",
    ]


def test_a_place_is_free_or_holds_the_same_model(tmp_path):
    path = tmp_path / "m.mulle"
    known = load(GOLDEN / "binary.mulle").manifest
    check_place(path, known)
    path.write_bytes((GOLDEN / "binary.mulle").read_bytes())
    check_place(path, known)
    other = load(GOLDEN / "regression.mulle").manifest
    with pytest.raises(UsageError) as error:
        check_place(path, other)
    assert error.value.code == "model-other-target"


@pytest.mark.parametrize("made", ["bytes", "nothing", "folder"])
def test_what_is_no_model_is_not_replaced_in_silence(tmp_path, made):
    path = tmp_path / "m.mulle"
    path.mkdir() if made == "folder" else path.write_bytes(b"my notes" if made == "bytes" else b"")
    with pytest.raises(UsageError) as error:
        check_place(path, load(GOLDEN / "binary.mulle").manifest)
    assert error.value.code == "place-taken"
