"""The slot of a champion, which a challenger can take over: a registered name, or a bare file.

Of a registered name, the aliases `champion`, `challenger` and `previous` point at versions, and a
promotion moves all of them at once; while `pinned` points at one, none is moved. Beside a bare file
`credit.mulle` lies `credit.challenger.mulle`, a promotion is one renaming, and the file that steps
down is kept where `mulle.bundle.kept_files` finds it.

catalogue  store-version
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Protocol

import msgspec

from mulle.bundle import (
    WholeModel,
    accept,
    challenger_of,
    hold_place,
    kept_files,
    load_whole,
    put,
    put_back,
)
from mulle.errors import MissingFile, RunError, UnknownName, UsageError
from mulle.files import Lock, hash_file, hold, write_bytes
from mulle.store import FOLDER, RunIndex
from mulle.store.registry import check_name

CHAMPION, CHALLENGER, PREVIOUS, PINNED = "champion", "challenger", "previous", "pinned"
MAX_WAIT_SECONDS = 10.0  # for other programs that move a champion of the registry


class ModelRef(msgspec.Struct, frozen=True, omit_defaults=True):
    """A reference to a model: its file, the checksum of it, and its version where it has one."""

    path: str
    sha256: str
    version: int | None = None


class ModelSlot(Protocol):
    """The slot of a champion.

    Attributes:
        name: name of the model, in the ledger and in commands.
        folder: `.mulle` folder with ledger, locks and work.
    """

    name: str
    folder: Path

    @property
    def is_empty(self) -> bool:
        """Whether nothing was ever promoted here."""

    def hold(self) -> AbstractContextManager[Lock]:
        """Hold the lock under which the champion is moved; another program may for ten seconds."""

    def champion(self) -> ModelRef:
        """Return the model that is served now."""

    def keep(
        self, bundle: Path, run: str, metrics: Mapping[str, float], tested_on: str
    ) -> ModelRef:
        """Keep a challenger so that it can be promoted."""

    def check_movable(self) -> None:
        """Refuse where a person has pinned the model that is served."""

    def candidate(self, to: str) -> ModelRef:
        """Return the model that a promotion lets take over: the challenger, or that asked for."""

    def promote(self, challenger: ModelRef, champion: ModelRef) -> None:
        """Let the challenger take over, if the champion is still the compared one."""

    def earlier(self, to: str) -> tuple[ModelRef, ModelRef]:
        """Return the model that a rollback would take down, and the one that would serve again."""

    def roll_back(self, down: ModelRef, up: ModelRef, before: int | None) -> None:
        """Let the earlier model serve again; `before` is the version before that."""


class RegisteredModel:
    """The slot of a name in the registry."""

    def __init__(self, registry: str | Path, spec: str) -> None:
        self.name, self.alias, self.wanted = _parsed(spec)
        check_name(self.name)
        self.folder = Path(registry)
        if not self.folder.is_dir():
            raise UsageError("registry-missing", registry=str(registry))
        self.index = RunIndex(registry)

    @property
    def behind(self) -> str:
        """Alias of the version that served before."""
        return PREVIOUS if self.alias == CHAMPION else f"{self.alias}-{PREVIOUS}"

    def hold(self) -> AbstractContextManager[Lock]:
        """Hold the name in its registry."""
        path = self.folder / "retrain" / f"{self.name}.move.lock"
        busy = RunError("champion-moving", where=str(path), model=self.name)
        return hold(path, busy, wait_s=MAX_WAIT_SECONDS)

    def champion(self) -> ModelRef:
        """Return the version that the alias points at; the latest without one."""
        pointers = self.index.aliases(self.name)
        latest = self.index.versions(self.name)[-1].version
        at = pointers.get(self.alias)
        if at is None and self.alias != CHAMPION:
            known = [*pointers]
            raise UnknownName("alias-unknown", "alias", self.alias, known, model=self.name)
        if self.wanted and at not in {None, self.wanted}:
            raise UsageError("not-the-champion", model=self.name, received=self.wanted, champion=at)
        return self._ref(self.wanted or at or latest)

    def keep(
        self, bundle: Path, run: str, metrics: Mapping[str, float], tested_on: str
    ) -> ModelRef:
        """Register the bundle as the next version, with the alias `challenger`."""
        version = self.index.register(self.name, bundle, run, metrics, tested_on=tested_on)
        if version is None:  # only a gate refuses, and none was asked for
            raise RunError("version-not-kept")
        self.index.alias(self.name, CHALLENGER, version)
        return self._ref(version)

    @property
    def is_empty(self) -> bool:
        """Whether nothing was ever promoted under this alias."""
        return self.alias not in self.index.aliases(self.name)

    def check_movable(self) -> None:
        """Refuse where the champion is pinned.

        Raises:
            UsageError: it is.
        """
        pinned = self.index.aliases(self.name).get(PINNED) if self.alias == CHAMPION else None
        if pinned is not None:
            raise UsageError("model-pinned", model=self.name, version=pinned)

    def candidate(self, to: str) -> ModelRef:
        """Return the version asked for, else the challenger, else the newest."""
        newest = self.index.versions(self.name)[-1].version
        pointers = self.index.aliases(self.name)
        wanted = to or (self.wanted or pointers.get(CHALLENGER, newest))
        found = self._ref(self.index.version(self.name, wanted).version)
        if found.version == pointers.get(self.alias):
            raise UsageError(
                "promote-same", version=found.version, model=self.name, alias=self.alias
            )
        return found

    def promote(self, challenger: ModelRef, champion: ModelRef) -> None:
        """Move all aliases at once."""
        self.check_movable()
        at = self.index.aliases(self.name).get(self.alias)
        expected = {self.alias: None if at is None else champion.version}
        pointers = {
            self.alias: challenger.version,
            self.behind: None if at is None else champion.version,
            CHALLENGER: None,
        }
        self.index.move(self.name, pointers, expected=expected)

    def earlier(self, to: str) -> tuple[ModelRef, ModelRef]:
        """Return the champion, and the version before it or the one asked for."""
        self.index.versions(self.name)
        pointers = self.index.aliases(self.name)
        at = pointers.get(self.alias)
        if at is None:
            raise UsageError("rollback-no-champion", model=self.name, alias=self.alias)
        if not to and self.behind not in pointers:
            raise _nothing_before(self.name)
        up = self._ref(self.index.version(self.name, to or self.behind).version)
        if up.version == at:
            raise UsageError("rollback-same", version=at, model=self.name, alias=self.alias)
        open_whole(up)
        return self._ref(at), up

    def roll_back(self, down: ModelRef, up: ModelRef, before: int | None) -> None:
        """Move the aliases at once."""
        self.check_movable()
        moved = {self.alias: up.version, self.behind: before}
        self.index.move(self.name, moved, expected={self.alias: down.version})

    def version(self, number: int) -> ModelRef:
        """Return a version by its number."""
        return self._ref(number)

    def _ref(self, version: int) -> ModelRef:
        found = self.index.version(self.name, version)
        return ModelRef(str(self.index.bundle_of(found)), found.sha256, version)


class BareFile:
    """The slot of a `.mulle` file that no registry knows."""

    def __init__(self, path: Path) -> None:
        self.path, self.name = path, path.name
        self.folder = path.parent / FOLDER
        self.challenger = challenger_of(path)

    def hold(self) -> AbstractContextManager[Lock]:
        """Hold the place of the file, as uploads and fits do."""
        return hold_place(self.path)

    def champion(self) -> ModelRef:
        """Return the file as it is."""
        return _ref_of(self.path)

    def keep(
        self, bundle: Path, run: str, metrics: Mapping[str, float], tested_on: str
    ) -> ModelRef:
        """Copy the bundle beside the champion."""
        write_bytes(self.challenger, bundle.read_bytes())
        return _ref_of(self.challenger)

    @property
    def is_empty(self) -> bool:
        """Never: the file serves."""
        return False

    def check_movable(self) -> None:
        """A file cannot be pinned."""

    def candidate(self, to: str) -> ModelRef:
        """Return the challenger beside the file, or the file asked for."""
        path = Path(to) if to else self.challenger
        if not path.is_file():
            raise MissingFile("challenger-missing", model=self.name, path=path)
        return _ref_of(path)

    def promote(self, challenger: ModelRef, champion: ModelRef) -> None:
        """Keep the champion aside, then let the challenger take its name."""
        if self.champion().sha256 != champion.sha256:
            raise RunError("champion-replaced", model=self.name)
        data = open_whole(challenger).data
        accept(self.path, data)
        put(self.path, data)
        if Path(challenger.path) == self.challenger:
            self.challenger.unlink()

    def earlier(self, to: str) -> tuple[ModelRef, ModelRef]:
        """Return the file, and the one that it replaced."""
        if to not in {"", PREVIOUS}:
            raise UsageError("rollback-no-versions", model=self.name, received=to, path=self.path)
        down = self.champion()
        earlier = [
            up for file in kept_files(self.path) if (up := _ref_of(file)).sha256 != down.sha256
        ]
        if not earlier:
            raise _nothing_before(self.name)
        open_whole(earlier[-1])
        return down, earlier[-1]

    def roll_back(self, down: ModelRef, up: ModelRef, before: int | None) -> None:
        """Put the file before back; the one that steps down is kept as `rolled-back.mulle`."""
        put_back(self.path, Path(up.path), open_whole(up).data)


def find_slot(
    model: str | Path, registry: str | Path | None = None, name: str = "", *, look: bool = False
) -> ModelSlot:
    """Find the slot of a model.

    Args:
        model: the path of a `.mulle` file, or a registered name, `name@alias` or `name:version`.
        registry: folder of registered models; `.mulle` if None.
        name: registers a file under this name first, as its champion.
        look: whether nothing is registered.

    Raises:
        MissingFile, UsageError, UnknownName: there is no such model.
    """
    text = str(model)
    if not text.endswith(".mulle"):
        if name:
            raise UsageError("name-given-twice", model=text)
        return RegisteredModel(registry or FOLDER, text)
    path = Path(text)
    if not path.is_file():
        raise MissingFile("champion-missing", path=path)
    return _adopted(path, registry or FOLDER, name, look=look) if name else BareFile(path)


def open_whole(ref: ModelRef) -> WholeModel:
    """Return a model that can serve, with the bytes that were checked and asked.

    Raises:
        MissingFile, BundleError: it does not exist, is damaged, or fails its trial.
        RunError: it is not the file that was registered.
    """
    return load_whole(ref.path, ref.sha256)


def _nothing_before(name: str) -> UsageError:
    """The error where there is no earlier model to go back to."""
    return UsageError("rollback-nothing", model=name)


def _adopted(path: Path, registry: str | Path, name: str, *, look: bool) -> ModelSlot:
    """Return the slot of a name for a file: registered as version 1, or already its champion."""
    if look and not Path(registry).is_dir():
        return BareFile(path)
    Path(registry).mkdir(parents=True, exist_ok=True)
    slot = RegisteredModel(registry, name)
    if look and slot.name not in slot.index.models():
        return BareFile(path)
    with slot.hold():
        _register_first(slot, path)
    if slot.champion().sha256 != _ref_of(path).sha256:
        raise UsageError("name-taken", model=name, file=path.name)
    return slot


def _register_first(slot: RegisteredModel, path: Path) -> None:
    """Make a file version 1 of a name that is free."""
    if slot.name in slot.index.models():
        return
    register_file(slot.index, slot.name, path, alias=slot.alias)


def register_file(index: RunIndex, name: str, path: Path, *, alias: str = CHAMPION) -> int:
    """Register a file that was checked and asked as the next version of a name; return its number.

    The first version of a name serves at once, under the alias.

    Raises:
        MissingFile, BundleError: it does not exist, is damaged, or fails its trial.
    """
    model, _, sha256 = load_whole(path)
    manifest = model.manifest
    scores = {k: v for k, v in manifest.scores.get("test", {}).items() if v is not None}
    run = str(manifest.lineage.get("run", ""))
    version = index.register(name, path, run, scores, sha256=sha256)
    if version is None:  # only a gate refuses, and none was asked for
        raise RunError("version-not-kept")
    if version == 1:
        index.alias(name, alias, version)
    return version


def _parsed(spec: str) -> tuple[str, str, int]:
    """Parse name, alias and version (0: none) of `name`, `name@alias`, `name@3` or `name:3`."""
    name, _, alias = spec.partition("@")
    if alias.isdigit():
        spec, alias = f"{name}:{alias}", ""
    name, _, version = spec.partition("@")[0].partition(":")
    if (":" in spec and not version.isdigit()) or ("@" in spec and not alias):
        raise UsageError("model-spec", received=spec)
    return name, alias or CHAMPION, int(version or 0)


def _ref_of(path: Path) -> ModelRef:
    return ModelRef(str(path), hash_file(path))
