"""How values are written in a script: as Python, with the quotes that formatters take."""

from __future__ import annotations

import json
from typing import Any


def write_value(value: Any) -> str:
    """Return a value as it is written in Python.

    >>> write_value({"a": [1, 'it"s', None, True]})
    '{"a": [1, "it\\\\"s", None, True]}'
    """
    if type(value) is str:
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, dict):
        pairs = (f"{write_value(key)}: {write_value(one)}" for key, one in value.items())
        return f"{{{', '.join(pairs)}}}"
    if isinstance(value, list):
        return f"[{', '.join(map(write_value, value))}]"
    return repr(value)
