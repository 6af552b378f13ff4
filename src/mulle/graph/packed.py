"""Weights of a graph held as int8 in blocks, widened to float32 once, when a session is opened.

w = q s, q the nearest of -127 to 127, s the largest of a block of 32 weights / 127. A file shrinks
to a quarter; what is computed, and how fast, is what the widened weights give in float32.

source  ONNX operators, DequantizeLinear 21 (blocked)
"""

from __future__ import annotations

import numpy as np

BLOCK = 32  # weights that share a scale
MARK = "/widened"  # at the end of the names of packed weights; `open_session` looks for it
_LEAST = 4_096  # weights of a matrix from which on packing pays
_INT8 = 127


def pack_weights(model: bytes) -> bytes:
    """Return an ONNX model whose large float32 matrices are int8 in blocks along their rows."""
    from onnx import ModelProto, TensorProto, helper, numpy_helper

    proto = ModelProto()
    proto.ParseFromString(model)
    kept, nodes = [], []
    for tensor in proto.graph.initializer:
        dims = list(tensor.dims)
        wide = len(dims) == 2 and dims[0] * dims[1] >= _LEAST and dims[1] % BLOCK == 0
        if tensor.data_type != TensorProto.FLOAT or not wide:
            kept.append(tensor)
            continue
        q, scales = pack(numpy_helper.to_array(tensor))
        names = [f"{tensor.name}{MARK}", f"{tensor.name}/scales"]
        kept += [numpy_helper.from_array(x, n) for x, n in zip((q, scales), names, strict=True)]
        node = helper.make_node("DequantizeLinear", names, [tensor.name], axis=1, block_size=BLOCK)
        nodes.append(node)
    others = list(proto.graph.node)
    del proto.graph.initializer[:], proto.graph.node[:]
    proto.graph.initializer.extend(kept)
    proto.graph.node.extend([*nodes, *others])
    return bytes(proto.SerializeToString())


def pack(w: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return w (rows, columns) as int8 (rows, columns) and scales (rows, columns / 32).

    >>> q, scales = pack(np.full((1, 32), 2.54, np.float32))
    >>> int(q[0, 0]), round(float(scales[0, 0]), 4)
    (127, 0.02)
    """
    rows, columns = w.shape
    blocks = w.reshape(rows, columns // BLOCK, BLOCK)
    scales = np.maximum(np.abs(blocks).max(axis=-1) / np.float32(_INT8), np.float32(1e-12))
    q = np.clip(np.rint(blocks / scales[..., None]), -_INT8, _INT8)
    return q.astype(np.int8).reshape(rows, columns), scales.astype(np.float32)
