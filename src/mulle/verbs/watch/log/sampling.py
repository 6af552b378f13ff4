"""Choose predictions by a hash of their id: the same for every copy of a request.

kept = hash(id) < share * 2^64        hash: BLAKE2b, 8 bytes
"""

from __future__ import annotations

from hashlib import blake2b


def is_kept(id: str, share: float) -> bool:
    """Return whether a prediction is kept; one that a smaller share keeps, a larger one keeps.

    >>> sum(is_kept(f"request-{n}", 0.25) for n in range(10_000))
    2460
    """
    if share >= 1:
        return True
    hashed = blake2b(id.encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return int.from_bytes(hashed, "big") < share * 2**64
