"""The server described for programs (`/openapi.json`) and for readers (`/docs`)."""

from mulle.verbs.serve.protocols.openapi.resources import routes

__all__ = ["routes"]
