"""Who may ask, how often, from where; what is told of it, and what is never told."""

from mulle.verbs.serve.safety.headers import policy
from mulle.verbs.serve.safety.safety import Safety

__all__ = ["Safety", "policy"]
