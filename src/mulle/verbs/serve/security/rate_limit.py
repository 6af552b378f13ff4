"""How often one may ask: a bucket of tokens for each key, or for each address where keys are off.

A bucket is one number, the moment at which it will be full again (GCRA, ITU-T I.371): each request
moves it on by the time that a token takes, and is refused where that is further away than a whole
bucket. Who has not asked for so long has a full bucket, and need not be remembered.
"""

from __future__ import annotations

import ipaddress
import math
import time
from collections.abc import Callable
from functools import lru_cache

from mulle.verbs.serve.http import HTTPError, Request, Route
from mulle.verbs.serve.http.response import Headers

MOST = 50_000  # buckets that are remembered


class RateLimiter:
    """Token buckets.

    Args:
        rate: tokens a second.
        burst: tokens of a full bucket.
        clock: seconds.

    >>> rates = RateLimiter(1, 2, clock=lambda: 100.0)
    >>> [rates.ask("a")[0] for _ in range(3)], rates.ask("b")[0]
    ([True, True, False], True)
    """

    def __init__(
        self, rate: float, burst: int, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.burst = burst
        self._token, self._clock = 1 / rate, clock
        self._whole = burst * self._token  # seconds that an empty bucket takes to be full
        self._limit = (b"ratelimit-limit", b"%d" % burst)
        self._full: dict[str, float] = {}  # when a bucket will be full

    def ask(self, who: str) -> tuple[bool, float, float]:
        """Whether there is a token; tokens left; seconds until the next (or until it is full)."""
        now = self._clock()
        full = max(self._full.get(who, now), now) + self._token
        over = full - now - self._whole
        if over > 1e-9:
            return False, 0.0, over
        if who not in self._full and len(self._full) >= MOST:
            self._forget(now)
        self._full[who] = full
        return True, -over / self._token, full - now

    def guard(self, request: Request, route: Route) -> None:
        """Take a token, and say in the answer's headers how many are left.

        Raises:
            HTTPError: there is none (429).
        """
        if not route.scope:
            return
        key = request.state.get("key")
        who = f"key {key.name}" if key else _network(request.client)
        there, left, seconds = self.ask(who)
        headers: Headers = (
            self._limit,
            (b"ratelimit-remaining", b"%d" % left),
            (b"ratelimit-reset", b"%d" % math.ceil(seconds)),
        )
        if not there:
            wait = max(1, math.ceil(seconds))
            headers += ((b"retry-after", b"%d" % wait),)
            raise HTTPError(429, "rate-over", headers, seconds=wait)
        request.state["headers"] = request.state.get("headers", ()) + headers

    def _forget(self, now: float) -> None:
        """Full buckets; where all are in use, the tenth that was first seen."""
        self._full = {who: full for who, full in self._full.items() if full > now}
        for who in list(self._full)[: len(self._full) - MOST * 9 // 10]:
            del self._full[who]


@lru_cache(1024)
def _network(address: str) -> str:
    """An address of IPv4; of IPv6 the network, of which one caller has all 2**64 addresses.

    >>> _network("10.0.0.1"), _network("2001:db8::1:2")
    ('10.0.0.1', '2001:db8::/64')
    """
    if ":" not in address:
        return address
    return str(ipaddress.ip_network(f"{address.partition('%')[0]}/64", strict=False))
