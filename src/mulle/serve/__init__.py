"""The HTTP server of bundles: protocols, batching, versions, routing, safety, dashboard."""

from mulle.serve.server import make_app, run
from mulle.serve.settings import Settings

__all__ = ["Settings", "make_app", "run"]
