"""Each user is dealt one version and keeps it: a test between versions.

catalogue  route-ab
"""

from __future__ import annotations

from collections.abc import Sequence

from mulle.verbs.serve.routing import slots as slotting
from mulle.verbs.serve.routing.canary import Shared
from mulle.verbs.serve.routing.rule import NOBODY, Policy, unusable
from mulle.verbs.serve.routing.tallies import Tally

HEADER = "X-Assignment-Key"


class AB(Shared, frozen=True, kw_only=True, tag="ab", forbid_unknown_fields=True):
    """Requests are dealt by a key; those without one are answered by default, outside of the test.

    Attributes:
        key_header: the header that holds the key.
        key_column: the column that holds it, instead of a header; the model need not know it.
        salt: another one deals anew.
    """

    shares: tuple[float, ...] = (0.5, 0.5)
    key_header: str = ""
    key_column: str = ""
    salt: str = ""

    def check(self) -> None:
        """Refuse a key in two places."""
        super().check()
        if self.key_header and self.key_column:
            raise unusable("route-key-twice", received=self.key_column)

    def key_of(self) -> tuple[str, str]:
        """A column, or a header; `X-Assignment-Key` if nothing is said."""
        if self.key_column:
            return "column", self.key_column
        return "header", (self.key_header or HEADER).lower()

    def start(self, model: str = "", slots: str = "") -> Policy:
        """The policy, with owners of slots as near as can be to those before."""
        owners = slotting.dealt(self.shares, slotting.read(slots))
        return Dealt(owners, f"{model}\0{self.salt}")


class Dealt:
    """Looks up who owns the slot of the key.

    Args:
        owners: of the slots, as `dealt` gives them.
        salt: of the hash.
    """

    def __init__(self, owners: bytes, salt: str = "") -> None:
        self.owners, self._salt = owners, salt

    def choose(self, key: str, arms: Sequence[Tally]) -> int:
        """The owner; NOBODY without a key."""
        return self.owners[slotting.slot_of(key, self._salt)] if key else NOBODY
