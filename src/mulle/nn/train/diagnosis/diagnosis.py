"""`Diagnosis`: what is wrong with a training, as a code with its evidence."""

from __future__ import annotations

from itertools import count, takewhile
from typing import NamedTuple

from mulle.language import messages


class Diagnosis(NamedTuple):
    """Describe a condition that was found, with what usually helps.

    The sentences stand in `i18n` under `diagnosis.CODE`, in both languages, and are rendered in the
    person's.

    Attributes:
        code: stable name, as in the catalogue: `diag-dying`.
        values: the evidence: where, and the numbers that were too high or too low.
    """

    code: str
    values: dict[str, float | int | str]

    @property
    def what(self) -> str:
        """The condition, in one sentence, in the person's language."""
        return self.render_what()

    @property
    def remedies(self) -> tuple[str, ...]:
        """Remedies in the person's language, the likeliest first."""
        return self.render_remedies()

    def render_what(self, lang: str | None = None) -> str:
        """Return the condition in one sentence; in the person's language where `lang` is None."""
        return messages(lang)(f"diagnosis.{self.code}.what", **self.values)

    def render_remedies(self, lang: str | None = None) -> tuple[str, ...]:
        """Return the remedies, the likeliest first."""
        known = messages(lang)
        keys = (f"diagnosis.{self.code}.remedy-{i}" for i in count(1))
        return tuple(known(key) for key in takewhile(known.__contains__, keys))

    def __str__(self) -> str:
        known = messages()
        tries = [known("diagnosis.try", remedy=remedy) for remedy in self.remedies]
        return "\n  ".join([f"{self.what} ({self.code})", *tries])
