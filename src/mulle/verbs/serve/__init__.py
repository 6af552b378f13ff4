"""The HTTP server of bundles: protocols, batching, versions, routing, security, dashboard."""

from mulle.verbs.serve.server import make_app, run
from mulle.verbs.serve.settings import Settings

__all__ = ["Settings", "make_app", "run"]
