"""Building and running ONNX graphs: the only room that knows spox, ndonnx and onnxruntime."""

from mulle.graph.arrays import (
    Matrix,
    concat,
    concat_rows,
    is_missing,
    is_symbolic,
    lookup,
    matmul,
    take_rows,
    unwrap,
    wrap,
)
from mulle.graph.build import output_names, to_model
from mulle.graph.dates import date_parts
from mulle.graph.hashing import hash_strings
from mulle.graph.inputs import (
    MISSING_DATE,
    MISSING_STRING,
    RowPacker,
    arrays,
    as_objects,
    symbols,
    token_ids,
    vectors_name,
)
from mulle.graph.ngrams import count_ngrams, occurrences, unpack, weigh_ngrams
from mulle.graph.opset import g
from mulle.graph.packed import pack_weights
from mulle.graph.session import open_session, run
from mulle.graph.sparse import SparseMatrix
from mulle.graph.trees import Tree, lone_leaf, split_points, trees_to_onnx

__all__ = [
    "MISSING_DATE",
    "MISSING_STRING",
    "Matrix",
    "RowPacker",
    "SparseMatrix",
    "Tree",
    "arrays",
    "as_objects",
    "concat",
    "concat_rows",
    "count_ngrams",
    "date_parts",
    "g",
    "hash_strings",
    "is_missing",
    "is_symbolic",
    "lone_leaf",
    "lookup",
    "matmul",
    "occurrences",
    "open_session",
    "output_names",
    "pack_weights",
    "run",
    "split_points",
    "symbols",
    "take_rows",
    "to_model",
    "token_ids",
    "trees_to_onnx",
    "unpack",
    "unwrap",
    "vectors_name",
    "weigh_ngrams",
    "wrap",
]
