"""The samples that exports are made from: files to be filled in, one folder a target."""

from __future__ import annotations

import re
from importlib import resources

_BLANK = re.compile(r"@([A-Z_]+)@")


def sample(target: str, name: str, **values: str) -> str:
    """Return the text of a sample, each `@NAME@` in it replaced."""
    text = (resources.files(__name__) / target / name).read_text("utf-8")
    return _BLANK.sub(lambda found: values.get(found[1], found[0]), text)


__all__ = ["sample"]
