"""Runs a function of graph arrays through ONNX Runtime, as a test runs it on NumPy arrays."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import pytest

from mulle.graph import open_session, run, symbols, to_model, unwrap, wrap
from mulle.table import Column, Kind, Storage

STORAGES = {"f": Storage.number, "i": Storage.date, "O": Storage.string}


@pytest.fixture(scope="session")
def in_graph() -> Callable[..., list[np.ndarray]]:
    """`in_graph(f, a=array, ...)`: what f(a, ...) gives inside a graph, as a list of outputs."""

    def computed(function, **arrays) -> list[np.ndarray]:
        columns = [Column(n, Kind.nominal, STORAGES[a.dtype.kind]) for n, a in arrays.items()]
        inputs = symbols(columns)
        result = function(*[wrap(var) for var in inputs.values()])
        named = result if isinstance(result, Mapping) else {"y": result}
        model = to_model(inputs, {name: unwrap(part) for name, part in named.items()})
        return run(open_session(model), arrays)

    return computed
