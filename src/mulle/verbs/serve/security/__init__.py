"""Security of a server: keys, sessions, rate limits, other origins, headers, the access log."""

from mulle.verbs.serve.security.headers import policy
from mulle.verbs.serve.security.security import Security

__all__ = ["Security", "policy"]
