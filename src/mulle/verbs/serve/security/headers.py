"""The headers by which every answer keeps a browser from doing what no page of ours needs.

A page that holds a script sends a policy of its own, see `policy`.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable

from mulle.verbs.serve.http import Response, Stream
from mulle.verbs.serve.http.response import Headers

CSP = b"content-security-policy"
ALWAYS: Headers = ((b"x-content-type-options", b"nosniff"), (b"referrer-policy", b"no-referrer"))


def policy(scripts: Iterable[str] = (), styles: str = "'unsafe-inline'") -> bytes:
    """Return a policy for a page: it may load files of its own server, and run the given scripts.

    Args:
        scripts: texts of scripts that the page holds; they are allowed by their hash.
        styles: further sources of styles.

    >>> policy(["start()"])[:49]
    b"default-src 'none'; script-src 'self' 'sha256-DIm"
    """
    hashes = (base64.b64encode(hashlib.sha256(s.encode()).digest()).decode() for s in scripts)
    allowed = "".join(f" 'sha256-{h}'" for h in hashes)
    rules = (
        "default-src 'none'",
        f"script-src 'self'{allowed}",
        f"style-src 'self' {styles}".rstrip(),
        "img-src 'self' data: blob:",
        "font-src 'self' data:",
        "connect-src 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
    )
    return "; ".join(rules).encode()


_PAGE: Headers = (
    (b"x-frame-options", b"DENY"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
)
_POLICY: Headers = ((CSP, policy()),)


def headers_for(answer: Response | Stream) -> Headers:
    """Return the headers that an answer needs beside its own."""
    if not answer.media_type.startswith(b"text/html"):
        return ALWAYS
    has_policy = any(name == CSP for name, _ in answer.headers)
    return ALWAYS + _PAGE + (() if has_policy else _POLICY)
