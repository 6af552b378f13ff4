"""How columns go together: one measure a pair by its kinds, missingness, copies, components."""

from mulle.verbs.explore.relations.relate import relate

__all__ = ["relate"]
