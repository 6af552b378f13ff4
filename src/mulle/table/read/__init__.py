"""The cells of a table: encodings, layouts, formats, and frames of other libraries."""
