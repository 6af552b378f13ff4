"""What mulle's own source says of its codes and ids, read when it is asked for.

No list of them is kept, so none can go stale: the class of an error is the one it is raised with,
the module of a catalogue id the one whose docstring carries it.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator
from pathlib import Path

from mulle import errors

_CLASSES = {name for name, value in vars(errors).items() if isinstance(value, type)}
_RAISED = re.compile(r'\b(\w+)\(\s*(?:\d{3}|\w+)?,?\s*"([a-z0-9]+(?:-[a-z0-9]+)+)"')
_FINDING = re.compile(r'\b_?[Rr]ule\(\s*"(M\d{3})",\s*"([a-z0-9-]+)"')
_ROWS = re.compile(r"^catalogue  (.+(?:\n +.+)*)", re.MULTILINE)  # goes on where indented


@functools.cache
def error_classes() -> dict[str, str]:
    """Return the class of each error code, as far as the source raises it by name.

    >>> error_classes()["target-date"], error_classes()["column-unknown"]
    ('DataError', 'UnknownName')
    """
    found = {"extra-missing": "MissingExtra"}
    for _, text in _modules():
        for name, code in _RAISED.findall(text):
            if name in _CLASSES or name == "HTTPError":
                found.setdefault(code, name)
    return found


@functools.cache
def finding_codes() -> dict[str, str]:
    """Return the code of each finding of `explore` by its key.

    >>> finding_codes()["leak"]
    'M050'
    """
    pairs = (pair for _, text in _modules() for pair in _FINDING.findall(text))
    return {key: code for code, key in pairs}


@functools.cache
def catalogue_rows() -> dict[str, str]:
    """Return the module that implements each catalogue id.

    >>> catalogue_rows()["act-gelu"]
    'mulle.nn.ops.gelu'
    """
    found: dict[str, str] = {}
    for module, text in _modules():
        for row in " ".join(_ROWS.findall(text)).split():
            found.setdefault(row, module.removesuffix(".__init__"))
    return found


def _modules() -> Iterator[tuple[str, str]]:
    """Each module of mulle with its source, in the order of their names."""
    root = Path(errors.__file__).parent
    for path in sorted(root.rglob("*.py")):
        dotted = path.relative_to(root.parent).with_suffix("").as_posix().replace("/", ".")
        yield dotted, path.read_text(encoding="utf-8")
