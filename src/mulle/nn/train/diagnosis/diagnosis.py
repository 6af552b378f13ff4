"""What is wrong with a training: a code that names the condition, its evidence, its remedies."""

from __future__ import annotations

from typing import NamedTuple


class Diagnosis(NamedTuple):
    """A condition that was found.

    Attributes:
        code: stable name, as in the catalogue: `diag-dying`.
        values: the evidence: where, and the numbers that were too high or too low.
        what: one sentence with the values in it.
        remedies: what usually helps, the likeliest first.
    """

    code: str
    values: dict[str, float | int | str]
    what: str
    remedies: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.what} ({self.code})\n" + "\n".join(f"  try: {r}" for r in self.remedies)
