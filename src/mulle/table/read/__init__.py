"""The cells of a table: encodings, layouts, formats, and frames of other libraries."""

from mulle.table.read.frames import column_of, frame_of
from mulle.table.read.names import tidy_names
from mulle.table.read.rows import rows_of

__all__ = ["column_of", "frame_of", "rows_of", "tidy_names"]
