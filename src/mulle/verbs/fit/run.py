"""A run: one `fit` as a folder that survives a crash and can be resumed.

    run.json              what it is and how it stands (see `store`)
    decisions.jsonl       every choice, as it was made
    plan.toml             the plans that it chose, with their weights
    trials/003.json       a trial with its out-of-fold predictions, written when it finished
    members.json          what ships, as it was trained
    lock                  held while a program works on it

catalogue  store-layout store-artifact
"""

from __future__ import annotations

import io
import shutil
import tempfile
import weakref
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from mulle.arrays import Array
from mulle.budget import Budget
from mulle.decisions import DecisionLog
from mulle.doctor.memory import anonymous_bytes, peak_bytes
from mulle.errors import DataError, MissingFile, RunError
from mulle.files import Holder, Lock, hold, write_bytes, write_text
from mulle.store import RunRecord, new_run_folder, read_record, write_record
from mulle.verbs.fit.members import Member
from mulle.verbs.fit.settings import Settings
from mulle.verbs.fit.trial import Trial

HOME = Path(".mulle") / "runs"
MEMBERS = "members.json"


def find_run(name: str, home: Path = HOME) -> Path:
    """Return the folder of a run, given by its id or path.

    Raises:
        MissingFile: there is no such run.
    """
    folder = Path(name) if (Path(name) / "run.json").exists() else home / name
    if not (folder / "run.json").exists():
        raise MissingFile("run-missing", name=name)
    return folder


def hold_run(folder: Path) -> AbstractContextManager[Lock]:
    """Hold the lock of a run's folder while a program works on it.

    Raises:
        RunError: another program does.
    """

    def busy(holder: Holder) -> RunError:
        noted = msgspec.structs.asdict(holder) | {"run": folder.name}
        return RunError("run-busy", where=str(folder), **noted)

    return hold(folder / "lock", busy)


class _SavedTrial(msgspec.Struct):
    """A trial as its file holds it.

    Attributes:
        oof: its out-of-fold predictions, as a `.npy` file; empty where it has none.
    """

    trial: Trial
    oof: bytes = b""


def _read_trial(data: bytes) -> _SavedTrial:
    """Read a saved trial; JSON has no NaN, so a score that there is not was written as null."""
    saved = msgspec.json.decode(data)
    trial = saved["trial"]
    trial["score"] = _number(trial["score"])
    trial["fold_scores"] = [_number(score) for score in trial["fold_scores"]]
    return msgspec.convert(saved, _SavedTrial)


def _number(written: float | None) -> float:
    return float("nan") if written is None else float(written)


class Run:
    """The folder of a run.

    Attributes:
        folder: where it is.
        settings: what it was asked.
        budget: the promise, with what an earlier part of a resumed run spent.
        decisions: the log.
        record: `run.json` as it stands.
        peak_before: the most bytes of memory that the process held before the run.
        anonymous: the most bytes that were seen apart from mapped files; 0 where nobody looked.
    """

    def __init__(self, folder: Path, settings: Settings, record: RunRecord, spent: float) -> None:
        self.folder = folder
        self.settings = settings
        self.record = record
        self.budget = Budget(settings.seconds, spent=spent)
        self.peak_before = peak_bytes()
        self.anonymous = 0
        self.decisions = DecisionLog(folder / "decisions.jsonl", clock=self.budget.spent)
        (folder / "trials").mkdir(exist_ok=True)

    @classmethod
    def create(cls, settings: Settings, home: Path = HOME, *, spent: float = 0.0) -> Run:
        """Start a new run, of whose promise some seconds are spent already.

        Without an output its folder is a temporary one.
        """
        now = datetime.now(UTC)
        if settings.output is None:
            home = Path(tempfile.mkdtemp(prefix="mulle-"))
        folder = new_run_folder(home, now, settings.source)
        record = RunRecord(
            id=folder.name,
            created=now.isoformat(timespec="seconds"),
            source=settings.source,
            target=settings.target,
            seed=settings.seed,
            preset=settings.preset,
            details={"settings": msgspec.to_builtins(settings)},
        )
        run = cls(folder, settings, record, spent)
        if settings.output is None:
            weakref.finalize(run, shutil.rmtree, home, ignore_errors=True)
        run.update()
        return run

    @classmethod
    def resume(
        cls, folder: Path, *, time: float | None = None, on: str | None = None, spent: float = 0.0
    ) -> Run:
        """Open a run that was killed or interrupted, with the time left or a new promise.

        Of either some seconds are spent already. It goes on where it was, or on another cluster.

        Raises:
            UsageError: the new promise is out of range, or there is no such cluster.
        """
        record = read_record(folder)
        settings = msgspec.convert(record.details["settings"], Settings)
        before = float(record.details.get("spent_s", 0.0))
        if time is not None:
            settings, before = msgspec.structs.replace(settings, time=time, trials=None), 0.0
        if on is not None:
            settings = msgspec.structs.replace(settings, on=on)
        settings.check()
        return cls(folder, settings, record, before + spent)

    def update(self, **changes: Any) -> None:
        """Change `run.json`, whole or not at all; the time spent is noted with it."""
        details = self.record.details | changes.pop("details", {})
        details["spent_s"] = round(self.budget.spent(), 3)
        self.record = msgspec.structs.replace(self.record, details=details, **changes)
        write_record(self.folder, self.record)

    def look_at_memory(self) -> None:
        """Note what is held now, apart from files that are mapped: those may go at any time."""
        self.anonymous = max(self.anonymous, anonymous_bytes())

    def check_data(self, fingerprint: str) -> None:
        """Note what the data are; a resumed run must have the same.

        Raises:
            DataError: they have changed since.
        """
        before = self.record.details.get("data")
        if before not in {None, fingerprint}:
            raise DataError("data-changed", where=self.settings.source)
        self.update(details={"data": fingerprint})

    def save_trial(self, number: int, trial: Trial, oof: Array | None) -> None:
        """Write a finished trial and its predictions as one file, whole or not at all."""
        buffer = io.BytesIO()
        if oof is not None:
            np.save(buffer, oof, allow_pickle=False)
        saved = _SavedTrial(trial, buffer.getvalue())
        write_bytes(self.folder / "trials" / f"{number:03}.json", msgspec.json.encode(saved))
        self.update()

    def trials(self) -> list[tuple[Trial, Array | None]]:
        """Return the trials that finished, in order."""
        result = []
        for path in sorted((self.folder / "trials").glob("*.json")):
            saved = _read_trial(path.read_bytes())
            oof = np.load(io.BytesIO(saved.oof), allow_pickle=False) if saved.oof else None
            result.append((saved.trial, oof))
        return result

    def save_members(self, members: list[Member]) -> None:
        """Write what ships, as it was trained."""
        write_bytes(self.folder / MEMBERS, msgspec.json.encode(members))

    def write_plan(self, text: str) -> Path:
        """Write the plans that were chosen."""
        path = self.folder / "plan.toml"
        write_text(path, text)
        return path
