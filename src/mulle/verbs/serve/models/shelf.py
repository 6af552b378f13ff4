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
from mulle.verbs.serve.http import Refused
from mulle.verbs.serve.models.hosted import Hosted
from mulle.verbs.serve.models.sources import Found, Meant, resolve


class Failure(msgspec.Struct, frozen=True):
    """Why what was asked for is not what is served."""

    model: str
    code: str
    what: str


class Changes(NamedTuple):
    """What a refresh did."""

    loaded: list[Hosted]
    dropped: list[Hosted]
    failures: list[Failure]


class Served(NamedTuple):
    """All versions of one model."""

    versions: dict[str, Hosted]
    aliases: dict[str, str]
    default: str


class Shelf:
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
        self._held: dict[tuple[str, str], Hosted] = {}
        self._served: dict[str, Served] = {}
        self.failures: list[Failure] = []
        self.refresh(strict=True)

    @property
    def names(self) -> list[str]:
        """Of all models; the first answers where none is asked for."""
        return list(self._served)

    def __getitem__(self, name: str) -> Served:
        """All versions of a model.

        Raises:
            Refused: there is no such model (404).
        """
        served = self._served.get(name)
        if served is None:
            raise Refused(404, "model-unknown", name=name[:100], known=self.names[:20])
        return served

    def pick(self, name: str = "", version: str = "") -> Hosted:
        """The model that answers.

        Args:
            name: "" stands for the first.
            version: a version or an alias; "" stands for the default.

        Raises:
            Refused: there is no such model or version (404).
        """
        served = next(iter(self._served.values())) if not name else self[name]
        wanted = served.aliases.get(version, version) or served.default
        hosted = served.versions.get(wanted)
        if hosted is None:
            known = [*served.versions, *served.aliases]
            raise Refused(404, "version-unknown", name=name, version=version[:100], known=known)
        return hosted

    def all(self) -> list[Hosted]:
        """Every version of every model."""
        return [hosted for served in self._served.values() for hosted in served.versions.values()]

    def refresh(self, *, strict: bool = False) -> Changes:
        """Load what is new and let go of what is gone; safe to call from a thread.

        Args:
            strict: raise what went wrong instead of noting it.

        Raises:
            MulleError: what `strict` asks for.
        """
        changes = Changes([], [], [])
        try:
            meant = resolve(self._specs, self._registry)
        except MulleError as error:
            if strict:
                raise
            changes.failures.append(Failure("", error.code, error.what))
            self.failures = changes.failures
            return changes
        before, self._held = self._held, {}
        after: dict[str, dict[str, Hosted]] = {}
        for found in meant.bundles:
            hosted = self._loaded(found, before, changes, strict=strict)
            if hosted:
                self._held[_key(found)] = hosted
                if found.alias:
                    meant.aliases.setdefault(found.name, {})[found.alias] = hosted.version
                after.setdefault(found.name, {})[hosted.version] = hosted
        self._served = {name: _served(name, versions, meant) for name, versions in after.items()}
        kept = {id(hosted) for hosted in self._held.values()}
        changes.dropped.extend(h for h in before.values() if id(h) not in kept)
        self.failures = changes.failures
        return changes

    def _loaded(
        self,
        found: Found,
        before: dict[tuple[str, str], Hosted],
        changes: Changes,
        *,
        strict: bool,
    ) -> Hosted | None:
        key = _key(found)
        old = before.get(key)
        seen = old is not None or key in self._bad  # what was let go of may come back
        if seen and self._states.get(key) == found.state:
            if key in self._bad:
                changes.failures.append(self._bad[key])
            return old
        self._states[key] = found.state
        try:
            hosted = _load(found)
        except MulleError as error:
            if strict:
                raise
            self._bad[key] = Failure(found.name, error.code, error.what)
            changes.failures.append(self._bad[key])
            return old
        self._bad.pop(key, None)
        changes.loaded.append(hosted)
        return hosted


def _key(found: Found) -> tuple[str, str]:
    """What a bundle is told apart by; one file may bear two aliases."""
    return f"{found.name}@{found.alias}", str(found.path)


def _load(found: Found) -> Hosted:
    """A bundle that was checked, and has answered once."""
    version = found.version or hash_file(found.path)[:8]
    hosted = Hosted(found.name, version, load(found.path), str(found.path))
    hosted.warm()
    return hosted


def _served(name: str, versions: dict[str, Hosted], meant: Meant) -> Served:
    newest = next(reversed(versions))
    aliases = {a: v for a, v in meant.aliases.get(name, {}).items() if v in versions}
    default = meant.defaults.get(name, newest)
    default = aliases.get(default, default)
    return Served(versions, aliases, default if default in versions else newest)
