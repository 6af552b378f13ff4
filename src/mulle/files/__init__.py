"""Files: written whole or not at all, never over what a person would miss, locked while in use."""

from mulle.files.lock import Holder, Lock, hold
from mulle.files.output import check_output, check_room, filling
from mulle.files.write import (
    append_bytes,
    check_writable,
    cut_half_line,
    hash_file,
    is_full_disk,
    replacing,
    write_bytes,
    write_text,
)

__all__ = [
    "Holder",
    "Lock",
    "append_bytes",
    "check_output",
    "check_room",
    "check_writable",
    "cut_half_line",
    "filling",
    "hash_file",
    "hold",
    "is_full_disk",
    "replacing",
    "write_bytes",
    "write_text",
]
