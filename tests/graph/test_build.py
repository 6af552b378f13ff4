"""Names: a column may be called anything, also like an output or a node."""

from __future__ import annotations

import numpy as np
import onnx
import pytest

from mulle.errors import BundleError
from mulle.graph import g, open_session, run, symbols, to_model
from mulle.table import Column, Kind, Storage

NAMES = [
    "value",
    "value_",
    "Add_0",
    "Add_0_C",
    "mulle/Add_0_C",
    "mulle/in/0",
    "mulle/out/0",
    "mulle//x",
    'a "quoted" \\ name',
    "한글 열 👍",
    " ",
    "a\nb",
    "x" * 1_000,
]


def test_columns_of_any_name():
    columns = [Column(name, Kind.continuous, Storage.number) for name in NAMES]
    inputs = symbols(columns)
    total = None
    for weight, var in enumerate(inputs.values(), 1):
        part = g.mul(var, g.constant_of(np.float64(weight)))
        total = part if total is None else g.add(total, part)
    model = to_model(inputs, {"value": total})
    session = open_session(model)
    assert [i.name for i in session.get_inputs()] == NAMES
    assert [o.name for o in session.get_outputs()] == ["value__"]
    feeds = {name: np.array([[10.0**i], [0.0]]) for i, name in enumerate(NAMES)}
    expected = sum((i + 1) * 10.0**i for i in range(len(NAMES)))
    assert run(session, feeds)[0][:, 0].tolist() == pytest.approx([expected, 0.0])
    onnx.checker.check_model(onnx.load_model_from_string(model))


def test_an_input_that_is_an_output_and_one_that_is_not_used():
    columns = [Column(name, Kind.continuous, Storage.number) for name in ("a", "b")]
    inputs = symbols(columns)
    session = open_session(to_model(inputs, {"a": inputs["a"]}))
    feeds = {"a": np.array([[3.0]]), "b": np.array([[4.0]])}
    assert [i.name for i in session.get_inputs()] == ["a", "b"]
    assert run(session, feeds)[0].tolist() == [[3.0]]


def test_the_graph_is_the_same_each_time():
    columns = [Column("a", Kind.continuous, Storage.number)]

    def build() -> bytes:
        inputs = symbols(columns)
        return to_model(inputs, {"y": g.add(inputs["a"], inputs["a"])})

    assert build() == build()


def test_garbage_is_refused_with_a_fix():
    with pytest.raises(BundleError) as caught:
        open_session(b"garbage")
    assert caught.value.code == "graph-refused"
    assert caught.value.fix == (
        "The file is damaged, or needs a newer onnxruntime: pip install -U onnxruntime"
    )
