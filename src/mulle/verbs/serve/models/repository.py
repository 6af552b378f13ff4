"""All models of a server by name and version; refreshed while requests are answered.

A request keeps the model that it was given until it is answered, so a replacement takes effect
between two requests, never inside one. What cannot be loaded changes nothing: the last good
version goes on answering, and the failure stands on `/health/ready` and in the metrics.

catalogue  api-model-server srv-predictor
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

from mulle.bundle import load
from mulle.errors import MulleError
from mulle.files import hash_file
from mulle.i18n import Lang
from mulle.verbs.serve.http import HTTPError
from mulle.verbs.serve.models.loaded import LoadedModel
from mulle.verbs.serve.models.sources import Resolved, Source, resolve

MAX_NAMES = 20  # models that an error lists


class Failure(NamedTuple):
    """A bundle that could not be loaded.

    Attributes:
        model: name of the model; "" where it is not known which.
        error: what went wrong.
    """

    model: str
    error: MulleError

    def describe(self, lang: Lang) -> dict[str, str]:
        """Return the failure as JSON, its sentence in `lang`."""
        return {"model": self.model, "code": self.error.code, "what": self.error.render_what(lang)}


class Changes(NamedTuple):
    """The effect of a refresh."""

    loaded: list[LoadedModel]
    dropped: list[LoadedModel]
    failures: list[Failure]


class ModelVersions(NamedTuple):
    """All versions of one model, its aliases, and the version that answers by default."""

    versions: dict[str, LoadedModel]
    aliases: dict[str, str]
    default: str


class ModelRepository:
    """The models of a server by name.

    Args:
        specs: what the operator named, see `Settings.models`.
        registry: folder of the registry.

    Attributes:
        failures: bundles that could not be loaded at the last refresh.

    Raises:
        MulleError: a bundle is missing or not sound.
    """

    def __init__(self, specs: tuple[str, ...], registry: Path = Path(".mulle")) -> None:
        self._specs, self._registry = specs, registry
        self._states: dict[tuple[str, str], Any] = {}  # state of the file by `_key`
        self._bad: dict[tuple[str, str], Failure] = {}
        self._held: dict[tuple[str, str], LoadedModel] = {}
        self._served: dict[str, ModelVersions] = {}
        self.failures: list[Failure] = []
        self.refresh(strict=True)

    @property
    def names(self) -> list[str]:
        """Names of all models; the first answers where a request names none."""
        return list(self._served)

    def __getitem__(self, name: str) -> ModelVersions:
        """Return all versions of a model.

        Raises:
            HTTPError: there is no such model (404).
        """
        served = self._served.get(name)
        if served is None:
            raise HTTPError(404, "model-not-served", name=name[:100], known=self.names[:MAX_NAMES])
        return served

    def get_model(self, name: str = "", version: str = "") -> LoadedModel:
        """Return one version of a model.

        Args:
            name: name of the model; "" for the first.
            version: version or alias; "" for the default.

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
        """Return every version of every model."""
        return [loaded for served in self._served.values() for loaded in served.versions.values()]

    def refresh(self, *, strict: bool = False) -> Changes:
        """Load what is new and drop what is gone; may be called from a thread.

        Args:
            strict: whether to raise what goes wrong instead of noting it.

        Raises:
            MulleError: something went wrong, and `strict` is set.
        """
        changes = Changes([], [], [])
        try:
            resolved = resolve(self._specs, self._registry)
        except MulleError as error:
            if strict:
                raise
            changes.failures.append(Failure("", error))
            self.failures = changes.failures
            return changes
        before, self._held = self._held, {}
        after: dict[str, dict[str, LoadedModel]] = {}
        for source in resolved.sources:
            loaded = self._load_or_keep(source, before, changes, strict=strict)
            if loaded:
                self._held[_key(source)] = loaded
                if source.alias:
                    resolved.aliases.setdefault(source.name, {})[source.alias] = loaded.version
                after.setdefault(source.name, {})[loaded.version] = loaded
        self._served = {
            name: _with_default(name, versions, resolved) for name, versions in after.items()
        }
        kept = {id(loaded) for loaded in self._held.values()}
        changes.dropped.extend(old for old in before.values() if id(old) not in kept)
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
        """Return the model of a source: the old one, unless its file has changed."""
        key = _key(source)
        old = before.get(key)
        seen = old is not None or key in self._bad  # a model that was dropped may come back
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
            self._bad[key] = Failure(source.name, error)
            changes.failures.append(self._bad[key])
            return old
        self._bad.pop(key, None)
        changes.loaded.append(loaded)
        return loaded


def _key(source: Source) -> tuple[str, str]:
    """Return a key that no other source has; one file may have two aliases."""
    return f"{source.name}@{source.alias}", str(source.path)


def _load(source: Source) -> LoadedModel:
    """Load a bundle, check it, and let it answer once."""
    version = source.version or hash_file(source.path)[:8]
    loaded = LoadedModel(source.name, version, load(source.path), str(source.path))
    loaded.warm_up()
    return loaded


def _with_default(name: str, versions: dict[str, LoadedModel], resolved: Resolved) -> ModelVersions:
    newest = next(reversed(versions))
    aliases = {a: v for a, v in resolved.aliases.get(name, {}).items() if v in versions}
    default = resolved.defaults.get(name, newest)
    default = aliases.get(default, default)
    return ModelVersions(versions, aliases, default if default in versions else newest)
