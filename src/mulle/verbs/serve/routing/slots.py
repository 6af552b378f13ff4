"""Which key belongs to which version: the same key to the same version, however shares change.

Each key falls into one of 10,000 slots by its hash, and each slot belongs to a version. When shares
change, only as many slots change hands as must, from those that shrink to those that grow. Which
slots belong to whom is kept with the rule, because it depends on the shares there have been.

catalogue  route-ab
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from hashlib import blake2b
from itertools import groupby

SLOTS = 10_000
_RUN = re.compile(r"(\d+)\*(\d+)")


def slot_of(key: str, salt: str) -> int:
    """Of a key, in 0..9,999; another salt (of another model) deals anew.

    >>> slot_of("kim", "churn") == slot_of("kim", "churn") != slot_of("kim", "prices")
    True
    """
    digest = blake2b(f"{salt}\0{key}".encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest, "little") % SLOTS


def dealt(shares: Sequence[float], before: bytes = b"") -> bytes:
    """The owner of each slot: positions of shares, (10,000,).

    Args:
        shares: of each version; they add up to 1.
        before: owners until now; positions that are no longer there lose their slots.

    >>> old = dealt([0.9, 0.1])
    >>> new = dealt([0.8, 0.2], old)
    >>> sum(a != b for a, b in zip(old, new)), all(b == 1 for a, b in zip(old, new) if a == 1)
    (1000, True)
    """
    wanted = _whole(shares)
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


def written(owners: bytes) -> str:
    """As text, run after run: `9000*0 1000*1`.

    >>> read(written(dealt([0.9, 0.1]))) == dealt([0.9, 0.1])
    True
    """
    return " ".join(f"{len(list(run))}*{owner}" for owner, run in groupby(owners))


def read(text: str) -> bytes:
    """The owners of slots as `written`; nothing if that is not what it is."""
    owners = b"".join(bytes([int(o) % 256]) * int(n) for n, o in _RUN.findall(text))
    return owners if len(owners) == SLOTS else b""


def _whole(shares: Sequence[float]) -> list[int]:
    """Slots of each share, by the largest remainder."""
    exact = [share * SLOTS for share in shares]
    counts = [int(count) for count in exact]
    by_rest = sorted(range(len(exact)), key=lambda i: counts[i] - exact[i])
    for i in by_rest[: SLOTS - sum(counts)]:
        counts[i] += 1
    return counts
