"""Run a graph with ONNX Runtime.

One thread inside a graph: a single row is fastest so, and the order in which trees are summed, and
with it the last bit of an answer, does not depend on the machine.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from mulle.arrays import Array
from mulle.errors import BundleError
from mulle.graph.packed import MARK

if TYPE_CHECKING:
    from onnxruntime import InferenceSession

WIDE = 100  # inputs, from which on looking up their names takes longer than the run


def open_session(model: bytes) -> InferenceSession:
    """Open an ONNX Runtime session on the CPU.

    Raises:
        BundleError: ONNX Runtime refuses the model.
    """
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    if MARK.encode() in model:  # weights that are widened once, here, and not in each run
        options.add_session_config_entry("session.disable_quant_qdq", "1")
    options.log_severity_level = 4  # its errors are raised, and need not be printed too
    try:
        return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    except Exception as error:  # ONNX Runtime raises a class of its own for each sort of fault
        raise BundleError("graph-refused", error=str(error)[:300]) from error


def run(session: InferenceSession, feeds: Mapping[str, Array]) -> list[Any]:
    """Return all outputs for one batch of columns.

    Of wide graphs the session inside ONNX Runtime's Python class is asked: the class looks each
    input up in a list of all names, which for 5,000 columns takes 25 times as long as the run.
    """
    inner = getattr(session, "_sess", None)  # None in a release that calls it otherwise
    if inner is None or len(feeds) < WIDE or len(feeds) != len(session.get_inputs()):
        return list(session.run(None, dict(feeds)))
    names = [output.name for output in session.get_outputs()]
    return list(inner.run(names, dict(feeds), None))
