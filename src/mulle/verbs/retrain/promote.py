"""`promote` and `pin`: a person decides which version of a model serves, and that it stays."""

from __future__ import annotations

from pathlib import Path

import msgspec

from mulle.bundle import check_same_model
from mulle.bundle.archive import read_archive
from mulle.errors import UsageError
from mulle.verbs.retrain.ledger import Ledger, new_loop
from mulle.verbs.retrain.slots import (
    PINNED,
    ModelRef,
    RegisteredModel,
    find_slot,
    open_whole,
)


class Promoted(msgspec.Struct, frozen=True):
    """A promotion: the model that stepped down, None where none served, and the one that serves."""

    model: str
    down: ModelRef | None
    up: ModelRef
    reason: str = ""


def promote(
    model: str | Path,
    *,
    to: str | int = "",
    replace: bool = False,
    reason: str = "",
    registry: str | Path | None = None,
) -> Promoted:
    """Let a version take over, once it was checked and has answered its trial rows.

    Args:
        model: a registered `name` or `name@alias`, or the path of a `.mulle` file.
        to: a version or alias; the challenger, or else the newest version, if not given. For a
            file: another file; the challenger beside it if not given.
        replace: whether it may be another model: another target, other labels, more columns.
        reason: written into the ledger.
        registry: the folder of registered models, `.mulle` by default.

    Raises:
        UsageError: it serves already, is pinned, or is another model.
        UnknownName, MissingFile: there is no such model or version.
        BundleError: its file is damaged or answers wrongly; nothing was moved.
    """
    slot = find_slot(model, registry)
    ledger, loop = Ledger(slot.folder), new_loop()
    with slot.hold():
        slot.check_movable()
        up, down = slot.candidate(str(to)), None if slot.is_empty else slot.champion()
        opened = open_whole(up).model
        if down is not None and not replace:
            check_same_model(read_archive(Path(down.path))[0], opened.manifest, down.path)
        values = {"before": down and down.version, "version": up.version, "sha256": up.sha256}
        values |= {"reason": reason or None}
        known = {key: value for key, value in values.items() if value is not None}
        ledger.write(loop, slot.name, "promoting", **known)
        slot.promote(up, down or up)
        ledger.write(loop, slot.name, "promoted", **known)
    return Promoted(slot.name, down, up, reason)


def pin(model: str, *, release: bool = False, registry: str | Path | None = None) -> int:
    """Hold the version that serves, so that no retraining, promotion or rollback moves it.

    Args:
        model: a registered name.
        release: lets it be moved again.
        registry: the folder of registered models, `.mulle` by default.

    Returns:
        The version that serves.

    Raises:
        UsageError: it is a file, or nothing was promoted yet.
        UnknownName: there is no such model.
    """
    slot = find_slot(model, registry)
    if not isinstance(slot, RegisteredModel):
        raise UsageError("pin-file", model=slot.name)
    with slot.hold():
        slot.index.versions(slot.name)
        at = slot.index.aliases(slot.name).get(slot.alias)
        if at is None:
            raise UsageError("rollback-no-champion", model=slot.name, alias=slot.alias)
        slot.index.move(slot.name, {PINNED: None if release else at}, expected={slot.alias: at})
    return at
