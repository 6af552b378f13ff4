"""Rate limits: a bucket of tokens for each key, or for each address where there are no keys.

A bucket is one number, the moment at which it will be full again (GCRA, ITU-T I.371): each request
moves it on by the time that a token takes, and is refused where that is further away than a whole
bucket. A full bucket need not be remembered.
"""

from __future__ import annotations

import ipaddress
import math
import time
from collections.abc import Callable
from functools import lru_cache

from mulle.verbs.serve.http import HTTPError, Request, Route
from mulle.verbs.serve.http.response import Headers

MAX_BUCKETS = 50_000  # that are remembered


class RateLimiter:
    """Token buckets by the name of a client.

    Args:
        rate: tokens a second.
        burst: tokens of a full bucket.
        clock: returns the time in seconds.

    >>> limiter = RateLimiter(1, 2, clock=lambda: 100.0)
    >>> [limiter.take("a")[0] for _ in range(3)], limiter.take("b")[0]
    ([True, True, False], True)
    """

    def __init__(
        self, rate: float, burst: int, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.burst = burst
        self._token, self._clock = 1 / rate, clock
        self._whole = burst * self._token  # seconds that an empty bucket takes to be full
        self._limit = (b"ratelimit-limit", b"%d" % burst)
        self._full_at: dict[str, float] = {}  # moment when a bucket will be full

    def take(self, client: str) -> tuple[bool, float, float]:
        """Take a token of a client's bucket.

        Returns:
            Whether there was one, how many are left, and the seconds until the bucket is full; if
            there was none, until there is one.
        """
        now = self._clock()
        full = max(self._full_at.get(client, now), now) + self._token
        over = full - now - self._whole
        if over > 1e-9:
            return False, 0.0, over
        if client not in self._full_at and len(self._full_at) >= MAX_BUCKETS:
            self._forget(now)
        self._full_at[client] = full
        return True, -over / self._token, full - now

    def guard(self, request: Request, route: Route) -> None:
        """Take a token, and note in the answer's headers how many are left.

        Raises:
            HTTPError: there is no token (429).
        """
        if not route.scope:
            return
        key = request.state.get("key")
        client = f"key {key.name}" if key else _network(request.client)
        taken, left, seconds = self.take(client)
        headers: Headers = (
            self._limit,
            (b"ratelimit-remaining", b"%d" % left),
            (b"ratelimit-reset", b"%d" % math.ceil(seconds)),
        )
        if not taken:
            wait = max(1, math.ceil(seconds))
            headers += ((b"retry-after", b"%d" % wait),)
            raise HTTPError(429, "rate-over", headers, seconds=wait)
        request.state["headers"] = request.state.get("headers", ()) + headers

    def _forget(self, now: float) -> None:
        """Forget full buckets; where all are in use, the tenth of them that was first seen."""
        self._full_at = {client: full for client, full in self._full_at.items() if full > now}
        for client in list(self._full_at)[: len(self._full_at) - MAX_BUCKETS * 9 // 10]:
            del self._full_at[client]


@lru_cache(1024)
def _network(address: str) -> str:
    """Return an IPv4 address; of IPv6 the /64 network, of which one client has all addresses.

    >>> _network("10.0.0.1"), _network("2001:db8::1:2")
    ('10.0.0.1', '2001:db8::/64')
    """
    if ":" not in address:
        return address
    return str(ipaddress.ip_network(f"{address.partition('%')[0]}/64", strict=False))
