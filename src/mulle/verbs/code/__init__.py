"""The blend of a run as a script of public libraries."""

from mulle.verbs.code.code import Script, code

__all__ = ["Script", "code"]
