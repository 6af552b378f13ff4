"""Reading tables: encodings, repairs, kinds, schema, target, splits."""

from mulle.table.labelled import Labelled, read_labelled
from mulle.table.labels import read_for
from mulle.table.read.rows import NewRows, rows_of
from mulle.table.read.table import read, read_cells, read_options, read_with
from mulle.table.reading import Cells, Layout, Reading
from mulle.table.schema import Schema, Table
from mulle.table.splits import duplicates_across, folds, keeps_strata, split
from mulle.table.target import Encoded, Label, Target, Task, find_target, task_of
from mulle.table.types.column import Column, Doubt, LeftOut, Repair
from mulle.table.types.kinds import Kind, Storage
from mulle.table.types.options import ColumnOptions, ReadOptions

__all__ = [
    "Cells",
    "Column",
    "ColumnOptions",
    "Doubt",
    "Encoded",
    "Kind",
    "Label",
    "Labelled",
    "Layout",
    "LeftOut",
    "NewRows",
    "ReadOptions",
    "Reading",
    "Repair",
    "Schema",
    "Storage",
    "Table",
    "Target",
    "Task",
    "duplicates_across",
    "find_target",
    "folds",
    "keeps_strata",
    "read",
    "read_cells",
    "read_for",
    "read_labelled",
    "read_options",
    "read_with",
    "rows_of",
    "split",
    "task_of",
]
