"""A bundle is asked before it is relied on: by rows that it carries, alone and together."""

from __future__ import annotations

import shutil
from pathlib import Path

import msgspec
import numpy as np
import onnx
import pytest
from onnx import helper, numpy_helper

import mulle
from mulle.bundle import load, write_archive
from mulle.bundle.archive import MODEL, TRIAL
from mulle.bundle.trial import Trial, record_trial
from mulle.errors import BundleError

GOLDEN = Path(__file__).parent / "golden"
NAMES = ["binary", "multiclass", "regression"]


def rewritten(path: Path, source: Path, change, *, trial: bool = True) -> Path:
    """A copy of a bundle whose graph was changed, its checksums in order."""
    model = load(source)
    graph = onnx.load_from_string(model.graph)
    change(graph.graph)
    members = {**model.members, MODEL: graph.SerializeToString()}
    if not trial:
        members.pop(TRIAL, None)
    write_archive(path, model.manifest, members)
    return path


def repeat(begin: int, end: int, *, only: bool = False):
    """A change after which each output also (or only) has the rows from `begin` to `end`."""

    def change(graph: onnx.GraphProto) -> None:
        mark = len(graph.node)
        bounds = [numpy_helper.from_array(np.array([n]), f"{mark} {n}") for n in {begin, end, 0}]
        graph.initializer.extend(bounds)
        for output in graph.output:
            name, inner = output.name, f"{mark} inner of {output.name}"
            for node in graph.node:
                node.output[:] = [inner if n == name else n for n in node.output]
                node.input[:] = [inner if n == name else n for n in node.input]
            cut = name if only else f"{mark} cut of {name}"
            slices = [inner, f"{mark} {begin}", f"{mark} {end}", f"{mark} 0"]
            graph.node.append(helper.make_node("Slice", slices, [cut]))
            if not only:
                graph.node.append(helper.make_node("Concat", [inner, cut], [name], axis=0))

    return change


def refused(path: Path) -> BundleError:
    with pytest.raises(BundleError) as error:
        load(path)
    for lang in ("en", "ko"):
        assert "–" not in error.value.render_what(lang)
        assert error.value.render_fix(lang)
    return error.value


@pytest.mark.parametrize("name", NAMES)
def test_the_answers_of_the_trial_rows_stand_in_the_file(name):
    model = load(GOLDEN / f"{name}.mulle")
    assert msgspec.json.decode(model.members[TRIAL], type=Trial) == record_trial(model)


@pytest.mark.parametrize("name", NAMES)
def test_trial_rows_are_typical_missing_and_unseen(name):
    model = load(GOLDEN / f"{name}.mulle")
    typical, missing, unseen = record_trial(model).rows
    usual = model.manifest.usual
    cells = dict(zip(model.manifest.schema.names, typical, strict=True))
    assert (cells["mileage"], cells["city"]) == (usual["mileage"], usual["city"])
    assert cells['a "memo" 메모'] == "text"  # what people wrote freely is nobody's but theirs
    assert set(missing) == {None}
    assert "unseen" in dict(zip(model.manifest.schema.names, unseen, strict=True))["city"]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("trial", [True, False])
@pytest.mark.parametrize(
    ("change", "rows", "answers"),
    [
        (repeat(0, 1), 3, 4),  # one answer too many, always
        (repeat(1, 2), 3, 4),  # three answers to two rows, and one to one
        (repeat(0, 1, only=True), 3, 1),
        (repeat(0, 0, only=True), 3, 0),
    ],
)
def test_a_graph_with_more_or_fewer_answers_than_rows(tmp_path, name, trial, change, rows, answers):
    path = rewritten(tmp_path / "m.mulle", GOLDEN / f"{name}.mulle", change, trial=trial)
    error = refused(path)
    assert (error.code, error.values) == ("trial-rows", {"rows": rows, "answers": answers})


def test_a_graph_that_is_wrong_for_two_rows_alone(tmp_path):
    def change(graph):
        repeat(1, 2)(graph)  # n + 1 answers to two rows and more
        repeat(0, 3, only=True)(graph)  # three at most: three rows, and one, are answered well

    path = rewritten(tmp_path / "m.mulle", GOLDEN / "regression.mulle", change)
    error = refused(path)
    assert (error.code, error.values) == ("trial-rows", {"rows": 2, "answers": 3})


def scale(factor: float):
    """A change after which the values of a regression are others."""

    def change(graph: onnx.GraphProto) -> None:
        [output] = graph.output
        for node in graph.node:
            node.output[:] = ["inner" if n == output.name else n for n in node.output]
        graph.initializer.append(numpy_helper.from_array(np.array(factor), "factor"))
        graph.node.append(helper.make_node("Mul", ["inner", "factor"], [output.name]))

    return change


def test_other_answers_than_when_it_was_written(tmp_path):
    golden = GOLDEN / "regression.mulle"
    path = rewritten(tmp_path / "m.mulle", golden, scale(1.01))
    assert refused(path).code == "trial-differs"
    load(rewritten(tmp_path / "m.mulle", golden, scale(1.0 + 1e-9)))  # another machine's last bits
    load(rewritten(tmp_path / "m.mulle", golden, scale(1.01), trial=False))


def test_another_label_for_the_same_probabilities(tmp_path):
    model = load(GOLDEN / "binary.mulle")
    trial = record_trial(model)
    turned = msgspec.structs.replace(trial, codes=[1 - code for code in trial.codes])
    members = {**model.members, TRIAL: msgspec.json.encode(turned)}
    write_archive(tmp_path / "m.mulle", model.manifest, members)
    assert refused(tmp_path / "m.mulle").code == "trial-label"


def test_a_graph_whose_first_answer_fails(tmp_path):
    def change(graph):
        [output] = graph.output
        for node in graph.node:
            node.output[:] = ["inner" if n == output.name else n for n in node.output]
        graph.initializer.append(numpy_helper.from_array(np.array([99]), "row"))
        graph.node.append(helper.make_node("Gather", ["inner", "row"], [output.name], axis=0))

    path = rewritten(tmp_path / "m.mulle", GOLDEN / "regression.mulle", change)
    assert refused(path).code == "trial-failed"


def test_a_label_that_the_model_does_not_have(tmp_path):
    def change(graph):
        output = next(o for o in graph.output if o.name == "label")
        for node in graph.node:
            node.output[:] = ["inner" if n == output.name else n for n in node.output]
        graph.initializer.append(numpy_helper.from_array(np.array(7), "seven"))
        graph.node.append(helper.make_node("Add", ["inner", "seven"], [output.name]))

    path = rewritten(tmp_path / "m.mulle", GOLDEN / "binary.mulle", change)
    assert refused(path).code in {"trial-failed", "bundle-damaged"}


BAD = {
    "no JSON": b"{",
    "no rows": b'{"rows": []}',
    "a row too narrow": b'{"rows": [[1.0]]}',
    "rows without answers": b'{"rows": [[null, null, null, null]], "scores": [], "codes": []}',
    "a label that is none": msgspec.json.encode(
        {"rows": [[None] * 4], "scores": [[0.5, 0.5]], "codes": [99]}
    ),
    "a label below the first": msgspec.json.encode(
        {"rows": [[None] * 4], "scores": [[0.5, 0.5]], "codes": [-1]}
    ),
    "deep": b"[" * 100_000,
    "too many": msgspec.json.encode(
        {"rows": [[None] * 4] * 99, "scores": [[0.5, 0.5]] * 99, "codes": [0] * 99}
    ),
}


@pytest.mark.parametrize("case", BAD)
def test_trials_that_are_none(tmp_path, case):
    model = load(GOLDEN / "binary.mulle")
    members = {**model.members, TRIAL: BAD[case]}
    write_archive(tmp_path / "m.mulle", model.manifest, members)
    assert refused(tmp_path / "m.mulle").code == "bundle-damaged"


def test_cells_that_do_not_fit_the_columns(tmp_path):
    model = load(GOLDEN / "binary.mulle")
    trial = msgspec.structs.replace(record_trial(model), rows=[["a"] * 4] * 3)
    members = {**model.members, TRIAL: msgspec.json.encode(trial)}
    write_archive(tmp_path / "m.mulle", model.manifest, members)
    assert refused(tmp_path / "m.mulle").code == "trial-failed"


def test_predict_asks_first(tmp_path):
    path = rewritten(tmp_path / "m.mulle", GOLDEN / "binary.mulle", repeat(1, 2))
    with pytest.raises(BundleError) as error:
        mulle.predict(path, [{}, {}])
    assert error.value.code == "trial-rows"
    shutil.copy(GOLDEN / "binary.mulle", path)
    assert len(mulle.predict(path, GOLDEN / "rows.json")) == 10
