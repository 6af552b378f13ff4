"""Where a champion lives, and how another takes its place: a registered name, or a bare file.

Of a registered name, the aliases `champion`, `challenger` and `previous` point at versions, and a
promotion moves all of them at once. Beside a bare file `credit.mulle` lie `credit.challenger.mulle`
and `credit.previous.mulle`, and a promotion is one renaming.

catalogue  store-version
"""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

import msgspec

from mulle.bundle import load
from mulle.errors import MissingFile, RunError, UnknownName, UsageError
from mulle.files import hash_file, write_bytes
from mulle.store import RunIndex
from mulle.store.index import FOLDER
from mulle.store.registry import check_name
from mulle.verbs.retrain.lock import holding

CHAMPION, CHALLENGER, PREVIOUS = "champion", "challenger", "previous"
_WAIT_S = 10.0


class Side(msgspec.Struct, frozen=True, omit_defaults=True):
    """One of the two models: its file, the checksum of that, and its version where it has one."""

    path: str
    sha256: str
    version: int | None = None


class Place(Protocol):
    """Where a champion lives.

    Attributes:
        name: of the model, in the ledger and in commands.
        folder: the `.mulle` folder with ledger, locks and work.
    """

    name: str
    folder: Path

    def champion(self) -> Side:
        """The model that is served now."""

    def keep(self, bundle: Path, run: str, metrics: Mapping[str, float], tested_on: str) -> Side:
        """Keep a challenger where it can be looked at, and be promoted."""

    def promote(self, challenger: Side, champion: Side) -> None:
        """Let the challenger take over, if the champion is still the one it was compared with."""

    def earlier(self, to: str) -> tuple[Side, Side]:
        """Which model would step down in a rollback, and which one would serve again."""

    def roll_back(self, down: Side, up: Side, before: int | None) -> None:
        """Let the earlier model serve again; `before` is the version that served before it."""


class Registered:
    """A name in the registry."""

    def __init__(self, registry: str | Path, spec: str) -> None:
        self.name, self.alias, self.wanted = _parsed(spec)
        check_name(self.name)
        self.folder = Path(registry)
        if not self.folder.is_dir():
            raise UsageError("registry-missing", registry=str(registry))
        self.index = RunIndex(registry)

    @property
    def behind(self) -> str:
        """The alias of the version that served before."""
        return PREVIOUS if self.alias == CHAMPION else f"{self.alias}-{PREVIOUS}"

    def champion(self) -> Side:
        """The version that the alias points at; without one, the latest."""
        pointers = self.index.aliases(self.name)
        latest = self.index.versions(self.name)[-1].version
        at = pointers.get(self.alias)
        if at is None and self.alias != CHAMPION:
            known = [*pointers]
            raise UnknownName("alias-unknown", "alias", self.alias, known, model=self.name)
        if self.wanted and at not in {None, self.wanted}:
            raise UsageError("not-the-champion", name=self.name, wanted=self.wanted, at=at)
        return self._side(self.wanted or at or latest)

    def keep(self, bundle: Path, run: str, metrics: Mapping[str, float], tested_on: str) -> Side:
        """Register the bundle as the next version, and let `challenger` point at it."""
        version = self.index.register(self.name, bundle, run, metrics, tested_on=tested_on)
        if version is None:  # only a gate refuses, and none was asked for
            raise RunError("version-not-kept")
        self.index.alias(self.name, CHALLENGER, version)
        return self._side(version)

    def promote(self, challenger: Side, champion: Side) -> None:
        """Move all aliases at once."""
        at = self.index.aliases(self.name).get(self.alias)
        expected = {self.alias: None if at is None else champion.version}
        pointers = {
            self.alias: challenger.version,
            self.behind: champion.version,
            CHALLENGER: None,
        }
        self.index.move(self.name, pointers, expected=expected)

    def earlier(self, to: str) -> tuple[Side, Side]:
        """The champion, and the version before it or the one asked for."""
        self.index.versions(self.name)
        pointers = self.index.aliases(self.name)
        at = pointers.get(self.alias)
        if at is None:
            raise UsageError("rollback-no-champion", name=self.name, alias=self.alias)
        if not to and self.behind not in pointers:
            raise _nothing_before(self.name)
        up = self._side(self.index.version(self.name, to or self.behind).version)
        if up.version == at:
            raise UsageError("rollback-same", at=at, name=self.name, alias=self.alias)
        _check_whole(up)
        return self._side(at), up

    def roll_back(self, down: Side, up: Side, before: int | None) -> None:
        """Move the aliases at once."""
        moved = {self.alias: up.version, self.behind: before}
        self.index.move(self.name, moved, expected={self.alias: down.version})

    def _side(self, version: int) -> Side:
        found = self.index.version(self.name, version)
        return Side(str(self.index.bundle_of(found)), found.sha256, version)


class BareFile:
    """A `.mulle` file that no registry knows."""

    def __init__(self, path: Path) -> None:
        self.path, self.name = path, path.name
        self.folder = path.parent / FOLDER
        self.challenger, self.previous, self.rolled_back = (
            path.with_name(f"{path.stem}.{part}.mulle")
            for part in (CHALLENGER, PREVIOUS, "rolled-back")
        )

    def champion(self) -> Side:
        """The file as it is."""
        return _side_of(self.path)

    def keep(self, bundle: Path, run: str, metrics: Mapping[str, float], tested_on: str) -> Side:
        """Copy the bundle beside the champion."""
        write_bytes(self.challenger, bundle.read_bytes())
        return _side_of(self.challenger)

    def promote(self, challenger: Side, champion: Side) -> None:
        """Keep the champion under another name, then let the challenger take its own."""
        if self.champion().sha256 != champion.sha256:
            raise RunError("champion-replaced", name=self.name)
        write_bytes(self.previous, self.path.read_bytes())
        write_bytes(self.path, self.challenger.read_bytes())
        self.challenger.unlink()

    def earlier(self, to: str) -> tuple[Side, Side]:
        """The file, and the one that it replaced."""
        if to not in {"", PREVIOUS}:
            raise UsageError("rollback-no-versions", name=self.name, to=to, path=self.path)
        down = self.champion()
        if not self.previous.is_file() or _side_of(self.previous).sha256 == down.sha256:
            raise _nothing_before(self.name)
        up = _side_of(self.previous)
        _check_whole(up)
        return down, up

    def roll_back(self, down: Side, up: Side, before: int | None) -> None:
        """Put the previous file back; the one that steps down stays as `.rolled-back.mulle`."""
        write_bytes(self.rolled_back, self.path.read_bytes())
        write_bytes(self.path, self.previous.read_bytes())
        self.previous.unlink()


def moving(place: Place) -> contextlib.AbstractContextManager[None]:
    """Hold what every move of a champion holds, for the moment that it takes.

    Raises:
        RunError: another program has held it for long.
    """
    what = f"Another program is moving the champion of {place.name}."
    path = place.folder / "retrain" / f"{place.name}.move.lock"
    return holding(path, what=what, wait_s=_WAIT_S)


def place_of(
    model: str | Path, registry: str | Path | None = None, name: str = "", *, look: bool = False
) -> Place:
    """Where a model lives.

    Args:
        model: the path of a `.mulle` file, or a registered name, `name@alias` or `name:version`.
        registry: the folder; `.mulle` if None.
        name: registers a file under this name first, as its champion.
        look: only look, and register nothing.

    Raises:
        MissingFile, UsageError, UnknownName: there is no such model.
    """
    text = str(model)
    if not text.endswith(".mulle"):
        if name:
            raise UsageError("name-given-twice", text=text)
        return Registered(registry or FOLDER, text)
    path = Path(text)
    if not path.is_file():
        raise MissingFile("champion-missing", path=path)
    return _adopted(path, registry or FOLDER, name, look=look) if name else BareFile(path)


def _check_whole(side: Side) -> None:
    """See that a model can serve before it does.

    Raises:
        MissingFile, BundleError: it is not there, or not what it was.
    """
    load(side.path)
    if _side_of(Path(side.path)).sha256 != side.sha256:
        raise RunError("bundle-replaced", where=side.path, name=Path(side.path).name)


def _nothing_before(name: str) -> UsageError:
    """The error where there is no earlier model to go back to."""
    return UsageError("rollback-nothing", name=name)


def _adopted(path: Path, registry: str | Path, name: str, *, look: bool) -> Place:
    """A file under a name: registered as version 1, or already the champion there."""
    if look and not Path(registry).is_dir():
        return BareFile(path)
    Path(registry).mkdir(parents=True, exist_ok=True)
    place = Registered(registry, name)
    if look and place.name not in place.index.models():
        return BareFile(path)
    with moving(place):
        _register_first(place, path)
    if place.champion().sha256 != _side_of(path).sha256:
        raise UsageError("name-taken", name=name, name_2=path.name)
    return place


def _register_first(place: Registered, path: Path) -> None:
    """Make a file version 1 of a name that is free."""
    if place.name in place.index.models():
        return
    manifest = load(path).manifest
    scores = {k: v for k, v in manifest.scores.get("test", {}).items() if v is not None}
    run = str(manifest.lineage.get("run", ""))
    version = place.index.register(place.name, path, run, scores)
    place.index.alias(place.name, place.alias, version or 1)


def _parsed(spec: str) -> tuple[str, str, int]:
    """Name, alias and version (0: none) of `name`, `name@alias`, `name@3` or `name:3`."""
    name, _, alias = spec.partition("@")
    if alias.isdigit():
        spec, alias = f"{name}:{alias}", ""
    name, _, version = spec.partition("@")[0].partition(":")
    if (":" in spec and not version.isdigit()) or ("@" in spec and not alias):
        raise UsageError("model-spec", spec=spec)
    return name, alias or CHAMPION, int(version or 0)


def _side_of(path: Path) -> Side:
    return Side(str(path), hash_file(path))
