"""A graph of many columns answers as one of few, and in about the time of the run itself."""

from __future__ import annotations

import time

import numpy as np
import pytest
from onnx import TensorProto, helper

from mulle.graph.session import WIDE, open_session, run


def adding(columns: int) -> bytes:
    """A graph that adds its columns up."""
    names = [f"c{i}" for i in range(columns)]
    inputs = [helper.make_tensor_value_info(n, TensorProto.DOUBLE, [None, 1]) for n in names]
    output = helper.make_tensor_value_info("sum", TensorProto.DOUBLE, [None, 1])
    graph = helper.make_graph([helper.make_node("Sum", names, ["sum"])], "g", inputs, [output])
    made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    return made.SerializeToString()


def feeds(columns: int) -> dict[str, np.ndarray]:
    return {f"c{i}": np.full((2, 1), float(i)) for i in range(columns)}


@pytest.mark.parametrize("columns", [1, WIDE - 1, WIDE, WIDE + 1, 500])
def test_many_columns_answer_as_few(columns):
    [total] = run(open_session(adding(columns)), feeds(columns))
    assert total.tolist() == [[columns * (columns - 1) / 2]] * 2


@pytest.mark.parametrize("columns", [3, 2 * WIDE])
def test_a_column_that_is_missing_or_unknown_is_refused(columns):
    session, given = open_session(adding(columns)), feeds(columns)
    with pytest.raises(Exception, match="c1"):
        run(session, {name: value for name, value in given.items() if name != "c1"})
    with pytest.raises(Exception, match="other"):
        run(session, {**given, "other": given["c0"]})


def test_the_time_of_a_run_does_not_grow_with_the_square_of_its_columns():
    def seconds(ask) -> float:
        begun = time.process_time()
        ask()
        return time.process_time() - begun

    session, given = open_session(adding(4_000)), feeds(4_000)
    own = min(seconds(lambda: run(session, given)) for _ in range(5))
    theirs = min(seconds(lambda: session.run(None, dict(given))) for _ in range(3))
    assert own < theirs / 3
