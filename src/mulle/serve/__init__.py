"""The HTTP server of bundles: protocols, batching, versions, routing, safety, dashboard."""
