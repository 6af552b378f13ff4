"""Who may ask, how often, from where; what is told of it, and what is never told."""

from mulle.serve.safety.headers import policy
from mulle.serve.safety.safety import Safety

__all__ = ["Safety", "policy"]
