"""The server described for programs (`/openapi.json`) and for readers (`/docs`)."""

from mulle.serve.protocols.openapi.resources import routes

__all__ = ["routes"]
