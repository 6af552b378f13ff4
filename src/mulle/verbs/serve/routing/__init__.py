"""Which version answers: fixed, by share, by user, compared in the shadow, or learned."""

from mulle.verbs.serve.routing.router import Router
from mulle.verbs.serve.routing.rules import POLICIES, read_rules

__all__ = ["POLICIES", "Router", "read_rules"]
