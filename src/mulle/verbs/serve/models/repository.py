"""All models of a server by name and version; refreshed while requests are answered.

A request keeps the model that it was given until it is answered, so a replacement takes effect
between two requests, never inside one. What cannot be loaded changes nothing: the last good
version goes on answering, and the failure is told on `/health/ready` and in the metrics.

catalogue  api-model-server srv-predictor
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from mulle.bundle import load
from mulle.errors import MulleError
from mulle.files import hash_file
from mulle.verbs.serve.http import HTTPError
from mulle.verbs.serve.models.loaded import LoadedModel
from mulle.verbs.serve.models.sources import Resolved, Source, resolve


class Failure(msgspec.Struct, frozen=True):
    """Why what was asked for is not what is served."""

    model: str
    code: str
    what: str


class Changes(NamedTuple):
    """What a refresh did."""

    loaded: list[LoadedModel]
    dropped: list[LoadedModel]
    failures: list[Failure]


class ModelVersions(NamedTuple):
    """All versions of one model."""

    versions: dict[str, LoadedModel]
    aliases: dict[str, str]
    default: str


class ModelRepository:
    """Which bundle answers under which name.

    Args:
        specs: what the operator named; see `Settings.models`.
        registry: the folder of the registry.

    Raises:
        MulleError: at the start, every bundle must be there and sound.
    """

    def __init__(self, specs: tuple[str, ...], registry: Path = Path(".mulle")) -> None:
        self._specs, self._registry = specs, registry
        self._states: dict[tuple[str, str], Any] = {}  # (name, version asked for) -> file's state
        self._bad: dict[tuple[str, str], Failure] = {}
        self._held: dict[tuple[str, str], LoadedModel] = {}
        self._served: dict[str, ModelVersions] = {}
        self.failures: list[Failure] = []
        self.refresh(strict=True)

    @property
    def names(self) -> list[str]:
        """Of all models; the first answers where none is asked for."""
        return list(self._served)

    def __getitem__(self, name: str) -> ModelVersions:
        """All versions of a model.

        Raises:
            HTTPError: there is no such model (404).
        """
        served = self._served.get(name)
        if served is None:
            raise HTTPError(404, "model-not-served", name=name[:100], known=self.names[:20])
        return served

    def get_model(self, name: str = "", version: str = "") -> LoadedModel:
        """The model that answers.

        Args:
            name: "" stands for the first.
            version: a version or an alias; "" stands for the default.

        Raises:
            HTTPError: there is no such model or version (404).
        """
        served = next(iter(self._served.values())) if not name else self[name]
        wanted = served.aliases.get(version, version) or served.default
        loaded = served.versions.get(wanted)
        if loaded is None:
            known = [*served.versions, *served.aliases]
            raise HTTPError(
                404, "version-not-served", name=name, version=version[:100], known=known
            )
        return loaded

    def all(self) -> list[LoadedModel]:
        """Every version of every model."""
        return [loaded for served in self._served.values() for loaded in served.versions.values()]

    def refresh(self, *, strict: bool = False) -> Changes:
        """Load what is new and let go of what is gone; safe to call from a thread.

        Args:
            strict: raise what went wrong instead of noting it.

        Raises:
            MulleError: what `strict` asks for.
        """
        changes = Changes([], [], [])
        try:
            resolved = resolve(self._specs, self._registry)
        except MulleError as error:
            if strict:
                raise
            changes.failures.append(Failure("", error.code, error.what))
            self.failures = changes.failures
            return changes
        before, self._held = self._held, {}
        after: dict[str, dict[str, LoadedModel]] = {}
        for source in resolved.bundles:
            loaded = self._load_or_keep(source, before, changes, strict=strict)
            if loaded:
                self._held[_key(source)] = loaded
                if source.alias:
                    resolved.aliases.setdefault(source.name, {})[source.alias] = loaded.version
                after.setdefault(source.name, {})[loaded.version] = loaded
        self._served = {name: _served(name, versions, resolved) for name, versions in after.items()}
        kept = {id(loaded) for loaded in self._held.values()}
        changes.dropped.extend(h for h in before.values() if id(h) not in kept)
        self.failures = changes.failures
        return changes

    def _load_or_keep(
        self,
        source: Source,
        before: dict[tuple[str, str], LoadedModel],
        changes: Changes,
        *,
        strict: bool,
    ) -> LoadedModel | None:
        key = _key(source)
        old = before.get(key)
        seen = old is not None or key in self._bad  # what was let go of may come back
        if seen and self._states.get(key) == source.state:
            if key in self._bad:
                changes.failures.append(self._bad[key])
            return old
        self._states[key] = source.state
        try:
            loaded = _load(source)
        except MulleError as error:
            if strict:
                raise
            self._bad[key] = Failure(source.name, error.code, error.what)
            changes.failures.append(self._bad[key])
            return old
        self._bad.pop(key, None)
        changes.loaded.append(loaded)
        return loaded


def _key(source: Source) -> tuple[str, str]:
    """What a bundle is told apart by; one file may bear two aliases."""
    return f"{source.name}@{source.alias}", str(source.path)


def _load(source: Source) -> LoadedModel:
    """A bundle that was checked, and has answered once."""
    version = source.version or hash_file(source.path)[:8]
    loaded = LoadedModel(source.name, version, load(source.path), str(source.path))
    loaded.warm_up()
    return loaded


def _served(name: str, versions: dict[str, LoadedModel], resolved: Resolved) -> ModelVersions:
    newest = next(reversed(versions))
    aliases = {a: v for a, v in resolved.aliases.get(name, {}).items() if v in versions}
    default = resolved.defaults.get(name, newest)
    default = aliases.get(default, default)
    return ModelVersions(versions, aliases, default if default in versions else newest)
