"""Who may ask, how often, from where; what is told of it, and what is never told."""

from mulle.verbs.serve.security.headers import policy
from mulle.verbs.serve.security.security import Security

__all__ = ["Security", "policy"]
