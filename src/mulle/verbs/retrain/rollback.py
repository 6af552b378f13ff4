"""`rollback`: the model that served before serves again, in one move."""

from __future__ import annotations

from pathlib import Path

import msgspec

from mulle.verbs.retrain.ledger import Entry, Ledger, new_loop
from mulle.verbs.retrain.slots import ModelRef, find_slot


class RolledBack(msgspec.Struct, frozen=True):
    """A rollback: the model that stepped down, and the one that serves."""

    model: str
    down: ModelRef
    up: ModelRef
    reason: str = ""


def rollback(
    model: str | Path,
    *,
    to: str | int = "",
    reason: str = "",
    registry: str | Path | None = None,
) -> RolledBack:
    """Let the model that served before serve again. It waits for no retraining under way, whose
    challenger is then not promoted: its champion is gone.

    Args:
        model: a registered name, or the path of a `.mulle` file that was replaced.
        to: a version or alias; the one that served before if not given.
        reason: written into the ledger.
        registry: the folder of registered models, `.mulle` by default.

    Raises:
        UsageError: there is nothing to go back to, or it serves already.
        UnknownName: there is no such model or version.
        BundleError: the earlier file is damaged; nothing was moved.
    """
    slot = find_slot(model, registry)
    ledger, loop = Ledger(slot.folder), new_loop()
    with slot.hold():
        down, up = slot.earlier(str(to))
        values = {"before": down.version, "version": up.version, "sha256": up.sha256}
        values |= {"reason": reason or None}
        known = {key: value for key, value in values.items() if value is not None}
        ledger.write(loop, slot.name, "rolling-back", **known)
        slot.roll_back(down, up, _before(ledger.entries(slot.name), up.version))
        ledger.write(loop, slot.name, "rolled-back", **known)
    return RolledBack(slot.name, down, up, reason)


def history(model: str | Path, *, registry: str | Path | None = None) -> list[Entry]:
    """Return every step of every retraining and rollback of a model, the oldest first."""
    slot = find_slot(model, registry)
    return Ledger(slot.folder).entries(slot.name)


def _before(entries: list[Entry], version: int | None) -> int | None:
    """Return the version that served before `version` was promoted; None if unknown."""
    found = [
        entry.values.get("before")
        for entry in entries
        if entry.step == "promoted" and entry.values.get("version") == version
    ]
    return found[-1] if found and version is not None else None
