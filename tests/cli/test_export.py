"""`mulle export`: the files that it names are there, and the graph answers."""

from __future__ import annotations

import numpy as np
import onnxruntime
import pytest

from mulle import load
from mulle.cli import Exit


@pytest.mark.parametrize("layout", ["onnx", "mlflow", "web", "android", "c", "docker"])
def test_every_file_that_is_named_is_there(mulle, shop, layout):
    said = mulle("export", "shop.mulle", "--format", layout)
    names = said.out.splitlines()
    assert (said.code, said.err) == (0, "")
    assert names
    assert all((shop / name).is_file() for name in names)
    assert all(name.startswith(f"shop_{layout}") for name in names)


def test_the_bare_graph_answers_as_the_model_does(mulle, shop):
    names = mulle("export", "shop.mulle", "--format", "onnx", "-o", "out").out.splitlines()
    [graph] = [name for name in names if name.endswith(".onnx")]
    session = onnxruntime.InferenceSession(shop / graph)
    model = load(shop / "shop.mulle")
    row = {"age": 3, "city": "서울", "visits": 2}
    inputs = {
        "age": np.array([[3.0]]),
        "city": np.array([["서울"]], dtype=object),
        "visits": np.array([[2.0]]),
    }
    probabilities = session.run(None, inputs)[1]
    np.testing.assert_allclose(probabilities, model.predict_proba(row), rtol=1e-12)


def test_a_layout_that_is_not_known(mulle, shop):
    said = mulle("export", "shop.mulle", "--format", "pickle")
    assert said.code == Exit.wrong_command
    assert said.err.startswith("error: --format cannot be 'pickle'. (option-not-one-of)\n")
