"""The models of a server: found, loaded, batched, and replaced while it runs."""

from mulle.verbs.serve.models.batcher import Batcher
from mulle.verbs.serve.models.loaded import Answer, LoadedModel
from mulle.verbs.serve.models.reload_log import ReloadLog
from mulle.verbs.serve.models.repository import ModelRepository

__all__ = ["Answer", "Batcher", "LoadedModel", "ModelRepository", "ReloadLog"]
