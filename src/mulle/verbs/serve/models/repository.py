"""All models of a server by name and version; refreshed while requests are answered.

A request keeps the model that it was given until it is answered, so a replacement takes effect
between two requests, never inside one. What cannot be loaded changes nothing: the last good
version goes on answering, and the failure stands on `/health/ready` and in the metrics.

catalogue  api-model-server srv-predictor
"""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from mulle.bundle import accepted, check_same_model, load_bytes, read_hashed
from mulle.errors import BundleError, MulleError
from mulle.i18n import Lang
from mulle.verbs.serve.http import HTTPError
from mulle.verbs.serve.models.loaded import LoadedModel
from mulle.verbs.serve.models.sources import Problem, Resolved, Source, State, resolve, version_of

MAX_NAMES = 20  # models that an error lists
_PASSING = "bundle-unreadable"  # what may be over without the file being changed


class Failure(NamedTuple):
    """A bundle that could not be loaded.

    Attributes:
        model: name of the model; what the operator named, where that is not known.
        error: what went wrong.
    """

    model: str
    error: MulleError

    def describe(self, lang: Lang) -> dict[str, str]:
        """Return the failure as JSON, its sentence in `lang`."""
        return {"model": self.model, "code": self.error.code, "what": self.error.render_what(lang)}


class Swap(NamedTuple):
    """A model that took the place of another.

    Attributes:
        model: name of the model.
        before: version that answered until now.
        after: version that answers from now on.
    """

    model: str
    before: str
    after: str


class Changes(NamedTuple):
    """The effect of a refresh."""

    loaded: list[LoadedModel]
    dropped: list[LoadedModel]
    failures: list[Failure]
    swaps: list[Swap]


class ModelVersions(NamedTuple):
    """All versions of one model, its aliases, and the version that answers by default."""

    versions: dict[str, LoadedModel]
    aliases: dict[str, str]
    default: str


class _Held(NamedTuple):
    """A loaded model, and where it is from."""

    source: Source
    loaded: LoadedModel


class ModelRepository:
    """The models of a server by name.

    Args:
        specs: what the operator named, see `Settings.models`.
        registry: folder of the registry.

    Attributes:
        failures: bundles that could not be loaded at the last refresh.

    Raises:
        MulleError: a named bundle is missing or not sound, or no file of a folder is.
    """

    def __init__(self, specs: tuple[str, ...], registry: Path = Path(".mulle")) -> None:
        self._specs, self._registry = specs, registry
        self._states: dict[_Key, State] = {}
        self._bad: dict[_Key, Failure] = {}
        self._held: dict[_Key, _Held] = {}
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
            strict: whether what the operator named must be there.

        Raises:
            MulleError: something of that cannot be served, and `strict` is set.
        """
        changes = Changes([], [], [], [])
        resolved = resolve(self._specs, self._registry)
        if strict:
            resolved.check()
        before, held = self._held, dict[_Key, _Held]()
        for one in resolved.found:
            if isinstance(one, Problem):
                changes.failures.append(Failure(one.name, one.error))
                held |= self._held_of(one, resolved)
            elif kept := self._load_or_keep(one, before, changes):
                held[_key(one)] = kept
        if strict:
            self._check_any(held, resolved, changes)
        seen = {_key(source) for source in resolved.sources}
        self._held = held
        self._states = {key: state for key, state in self._states.items() if key in seen}
        self._bad = {key: failure for key, failure in self._bad.items() if key in seen}
        self._served = _by_name(held, resolved)
        kept_on = {id(one.loaded) for one in held.values()}
        changes.dropped.extend(o.loaded for o in before.values() if id(o.loaded) not in kept_on)
        self.failures = changes.failures
        return changes

    def _held_of(self, problem: Problem, resolved: Resolved) -> dict[_Key, _Held]:
        """Return what is served of a name that cannot be looked up now: it goes on answering."""
        kept = {
            key: one
            for key, one in self._held.items()
            if one.source.spec == problem.spec and problem.path in (None, one.source.path)
        }
        for one in kept.values():
            name = one.source.name
            resolved.defaults.setdefault(name, self._served[name].default)
            resolved.aliases.setdefault(name, dict(self._served[name].aliases))
        return kept

    def _load_or_keep(
        self, source: Source, before: dict[_Key, _Held], changes: Changes
    ) -> _Held | None:
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
            loaded = _load(source, old.loaded if old else None)
        except Exception as error:  # whatever lies there, the others are served
            failure = Failure(source.name, _as_refusal(error, source))
            if failure.error.code == _PASSING:
                del self._states[key]
            self._bad[key] = failure
            changes.failures.append(failure)
            return old
        self._bad.pop(key, None)
        if old is None or loaded is not old.loaded:
            changes.loaded.append(loaded)
        if old is not None and loaded.version != old.loaded.version:
            changes.swaps.append(Swap(source.name, old.loaded.version, loaded.version))
        return _Held(source, loaded)

    def _check_any(self, held: dict[_Key, _Held], resolved: Resolved, changes: Changes) -> None:
        """Refuse to start without a model that was named, or without any."""
        folders = {spec for spec in self._specs if Path(spec.rpartition("=")[2]).is_dir()}
        for source in resolved.sources:
            key = _key(source)
            if key in self._bad and (source.spec not in folders or not held):
                raise self._bad[key].error


_Key = tuple[str, str]


def _key(source: Source) -> _Key:
    """Return a key that no other source has; one file may have two aliases."""
    return f"{source.name}@{source.alias}", str(source.path)


def _load(source: Source, old: LoadedModel | None) -> LoadedModel:
    """Load a bundle from bytes that are read once, check it, and let it answer.

    Raises:
        MulleError: it is not sound, or not the model that it is to replace.
    """
    data, sha256 = read_hashed(source.path, source.sha256)
    version = source.version or version_of(sha256)
    if old is not None and old.version == version and not source.version:
        return old  # the same bytes over again
    model = load_bytes(data, str(source.path))
    if old is not None and accepted(source.path) != sha256:
        check_same_model(old.model.manifest, model.manifest, source.path)
    loaded = LoadedModel(source.name, version, model, str(source.path))
    loaded.warm_up()
    return loaded


def _as_refusal(error: Exception, source: Source) -> MulleError:
    if isinstance(error, MulleError):
        return error
    return BundleError("trial-failed", where=source.path, error=str(error)[:300])


def _by_name(held: dict[_Key, _Held], resolved: Resolved) -> dict[str, ModelVersions]:
    versions: dict[str, dict[str, LoadedModel]] = {}
    for source, loaded in held.values():
        if source.alias:
            resolved.aliases.setdefault(source.name, {})[source.alias] = loaded.version
        versions.setdefault(source.name, {})[loaded.version] = loaded
    return {name: _with_default(name, found, resolved) for name, found in versions.items()}


def _with_default(name: str, versions: dict[str, LoadedModel], resolved: Resolved) -> ModelVersions:
    newest = next(reversed(versions))
    aliases = {a: v for a, v in resolved.aliases.get(name, {}).items() if v in versions}
    default = resolved.defaults.get(name, newest)
    default = aliases.get(default, default)
    return ModelVersions(versions, aliases, default if default in versions else newest)
