"""Which version answers: fixed, by share, by user, compared in the shadow, or learned."""

from mulle.verbs.serve.routing.config import POLICIES, read_policies
from mulle.verbs.serve.routing.router import Router

__all__ = ["POLICIES", "Router", "read_policies"]
