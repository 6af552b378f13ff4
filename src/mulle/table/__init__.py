"""Reading tables: encodings, repairs, kinds, schema, splits."""

from mulle.table.column import Column, Repair
from mulle.table.kinds import Kind, Storage
from mulle.table.read import read
from mulle.table.rows import rows_of
from mulle.table.schema import Schema, Table
from mulle.table.splits import duplicates_across, folds, split

__all__ = [
    "Column",
    "Kind",
    "Repair",
    "Schema",
    "Storage",
    "Table",
    "duplicates_across",
    "folds",
    "read",
    "rows_of",
    "split",
]
