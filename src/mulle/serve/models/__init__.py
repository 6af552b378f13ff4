"""The models that a server answers with: loaded, batched, named, replaced while it runs."""

from mulle.serve.models.batcher import Batcher
from mulle.serve.models.hosted import Answer, Hosted
from mulle.serve.models.shelf import Shelf

__all__ = ["Answer", "Batcher", "Hosted", "Shelf"]
