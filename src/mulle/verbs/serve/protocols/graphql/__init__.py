"""GraphQL at `/graphql`: one endpoint, typed from the schema of each model."""

from mulle.verbs.serve.protocols.graphql.endpoint import routes

__all__ = ["routes"]
