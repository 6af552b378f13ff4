"""The models that a server answers with: loaded, batched, named, replaced while it runs."""

from mulle.verbs.serve.models.batcher import Batcher
from mulle.verbs.serve.models.hosted import Answer, Hosted
from mulle.verbs.serve.models.shelf import Shelf

__all__ = ["Answer", "Batcher", "Hosted", "Shelf"]
