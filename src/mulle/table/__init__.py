"""Reading tables: encodings, repairs, kinds, schema, splits."""

from mulle.table.column import Column, Repair
from mulle.table.kinds import Kind, Storage
from mulle.table.read import read
from mulle.table.schema import Schema, Table

__all__ = ["Column", "Kind", "Repair", "Schema", "Storage", "Table", "read"]
