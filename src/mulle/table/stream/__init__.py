"""Large files, of which no more is in memory than is being looked at: rows or columns at a time."""

from mulle.table.stream.row_chunks import RowChunk, RowChunks, read_row_chunks
from mulle.table.stream.source import ColumnSource, open_columns

__all__ = ["ColumnSource", "RowChunk", "RowChunks", "open_columns", "read_row_chunks"]
