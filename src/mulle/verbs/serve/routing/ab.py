"""Policies with shares: `ab` assigns each user a version for good, `canary` draws for each request.

For `ab`, each key falls into one of 10,000 slots by its hash, and each slot belongs to a version.
When shares change, only as many slots change hands as must, from the versions that shrink to those
that grow. The owners of the slots are stored with the policy, because they depend on earlier
shares too.

catalogue  route-ab
"""

from __future__ import annotations

import random
import re
from bisect import bisect
from collections.abc import Sequence
from hashlib import blake2b
from itertools import accumulate, groupby

from mulle.errors import UsageError
from mulle.verbs.serve.routing.arms import ArmStats
from mulle.verbs.serve.routing.policy import UNASSIGNED, Policy, Selector

DEFAULT_HEADER = "X-Assignment-Key"
SLOTS = 10_000
_RUN = re.compile(r"(\d+)\*(\d+)")


class SharePolicy(Policy, frozen=True, kw_only=True):
    """A policy whose versions have shares.

    Attributes:
        shares: shares of the requests, one for each version, each above 0, together 1.
    """

    shares: tuple[float, ...] = ()

    def check(self) -> None:
        """Check that there is one share for each version and that they add up to 1."""
        super().check()
        good = len(self.shares) == len(self.versions) and all(share > 0 for share in self.shares)
        if not good or abs(sum(self.shares) - 1) > 1e-9:
            shares, versions = list(self.shares), list(self.versions)
            raise UsageError("policy-shares", versions=versions, received=shares)


class Canary(SharePolicy, frozen=True, kw_only=True, tag="canary", forbid_unknown_fields=True):
    """Give the last version a small share of the requests, drawn anew for each request."""

    shares: tuple[float, ...] = (0.9, 0.1)

    def start(self, model: str = "", slots: str = "") -> Selector:
        """Return a selector that draws by share."""
        return RandomSelector(self.shares)


class RandomSelector:
    """Draws a version for each request.

    Args:
        shares: shares of the versions (k,), together 1.
        seed: seed of the draws, to repeat them.
    """

    def __init__(self, shares: Sequence[float], seed: int | None = None) -> None:
        self._ends = list(accumulate(shares))[:-1]
        self._random = random.Random(seed).random

    def choose(self, key: str, arms: Sequence[ArmStats]) -> int:
        """Draw a position by share; the key does not matter."""
        return bisect(self._ends, self._random())


class AB(SharePolicy, frozen=True, kw_only=True, tag="ab", forbid_unknown_fields=True):
    """Assign versions by a key; requests without a key get the default, outside of the test.

    Attributes:
        key_header: header that holds the key.
        key_column: column that holds it, instead of a header; the model need not know the column.
        salt: salt of the hash; another one assigns all keys anew.
    """

    shares: tuple[float, ...] = (0.5, 0.5)
    key_header: str = ""
    key_column: str = ""
    salt: str = ""

    def check(self) -> None:
        """Check that the key stands in one place."""
        super().check()
        if self.key_header and self.key_column:
            raise UsageError("policy-key-twice", header=self.key_header, column=self.key_column)

    def key_source(self) -> tuple[str, str]:
        """Return the column or the header of the key, by default `X-Assignment-Key`."""
        if self.key_column:
            return "column", self.key_column
        return "header", (self.key_header or DEFAULT_HEADER).lower()

    def start(self, model: str = "", slots: str = "") -> Selector:
        """Return a selector whose slots stay as near as possible to the stored ones."""
        owners = assign_slots(self.shares, parse_slots(slots))
        return SlotSelector(owners, f"{model}\0{self.salt}")


class SlotSelector:
    """Looks up the owner of a key's slot.

    Args:
        owners: owners of the slots, as `assign_slots` returns them.
        salt: salt of the hash.
    """

    def __init__(self, owners: bytes, salt: str = "") -> None:
        self.owners, self._salt = owners, salt

    def choose(self, key: str, arms: Sequence[ArmStats]) -> int:
        """Return the owner of the key's slot; UNASSIGNED without a key."""
        return self.owners[slot_of(key, self._salt)] if key else UNASSIGNED


def slot_of(key: str, salt: str) -> int:
    """Return the slot of a key, in 0..9,999; another salt (of another model) assigns anew.

    >>> slot_of("kim", "churn") == slot_of("kim", "churn") != slot_of("kim", "prices")
    True
    """
    digest = blake2b(f"{salt}\0{key}".encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest, "little") % SLOTS


def assign_slots(shares: Sequence[float], before: bytes = b"") -> bytes:
    """Return the owner of each slot (10,000,): positions in `shares`.

    Args:
        shares: shares of the versions; they add up to 1.
        before: owners until now; positions that no longer exist lose their slots.

    >>> old = assign_slots([0.9, 0.1])
    >>> new = assign_slots([0.8, 0.2], old)
    >>> sum(a != b for a, b in zip(old, new)), all(b == 1 for a, b in zip(old, new) if a == 1)
    (1000, True)
    """
    wanted = _slots_by_share(shares)
    if len(before) != SLOTS:
        return b"".join(bytes([owner]) * count for owner, count in enumerate(wanted))
    slots, have = bytearray(before), [0] * len(wanted)
    free: list[int] = []
    for slot, owner in enumerate(before):
        if owner >= len(wanted) or have[owner] == wanted[owner]:
            free.append(slot)
        else:
            have[owner] += 1
    for owner, count in enumerate(wanted):
        for _ in range(count - have[owner]):
            slots[free.pop()] = owner
    return bytes(slots)


def format_slots(owners: bytes) -> str:
    """Write the owners of slots as text, run after run: `9000*0 1000*1`.

    >>> parse_slots(format_slots(assign_slots([0.9, 0.1]))) == assign_slots([0.9, 0.1])
    True
    """
    return " ".join(f"{len(list(run))}*{owner}" for owner, run in groupby(owners))


def parse_slots(text: str) -> bytes:
    """Read the owners of slots from what `format_slots` wrote; b"" from anything else."""
    owners = b"".join(bytes([int(o) % 256]) * int(n) for n, o in _RUN.findall(text))
    return owners if len(owners) == SLOTS else b""


def _slots_by_share(shares: Sequence[float]) -> list[int]:
    """Divide the slots by share, with the largest remainders rounded up."""
    exact = [share * SLOTS for share in shares]
    counts = [int(count) for count in exact]
    by_rest = sorted(range(len(exact)), key=lambda i: counts[i] - exact[i])
    for i in by_rest[: SLOTS - sum(counts)]:
        counts[i] += 1
    return counts
