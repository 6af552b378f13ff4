"""Where the files of a fit go, and that nothing of a person's is lost there."""

from __future__ import annotations

import re
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

import msgspec

from mulle.bundle import Manifest, check_place
from mulle.errors import RunError, UsageError
from mulle.files import Holder, Lock, check_output, check_room, hold
from mulle.report import is_report_on
from mulle.store import FOLDER
from mulle.verbs.fit.data import Data
from mulle.verbs.fit.run import Run
from mulle.verbs.fit.settings import Settings

SUFFIX, _STDOUT = ".mulle", "-"
_PATTERN = re.compile(r"[*?\[\]]+")  # of several files, which are one table
_BYTES_OF_FIT = 1_000_000  # of a bundle and a report, at least
_BYTES_OF_COLUMN = 2_000  # of one column in them
_BYTES_OF_NUMBER = 8
_TRIALS = 5  # whose predictions are kept, at least


def bundle_name(settings: Settings) -> str:
    """Return the name of a bundle that a person has not named: that of its table."""
    stem = Path(settings.source).stem
    plain = _PATTERN.sub("", stem).strip("-_. ") if _PATTERN.search(stem) else stem
    return f"{plain or 'model'}{SUFFIX}"


@dataclass(frozen=True)
class Destination:
    """The files of a fit.

    Attributes:
        bundle, report: their paths, side by side.
        replace: whether the person allows that files of something else are replaced.
    """

    bundle: Path
    report: Path
    replace: bool

    @classmethod
    def of(cls, settings: Settings) -> Destination | None:
        """Return where a fit writes; None if it writes nothing."""
        if settings.output is None:
            return None
        return cls.at(settings.output, settings, replace=settings.replace)

    @classmethod
    def at(cls, output: str, settings: Settings, *, replace: bool) -> Destination:
        """Return the files at a place: a name that ends in .mulle is the file, else a folder.

        Raises:
            UsageError: it stands for stdout, which takes no two files.
        """
        if output == _STDOUT:
            raise UsageError("fit-to-stdout")
        bundle = Path(output)
        if bundle.suffix.lower() != SUFFIX:
            bundle = bundle / bundle_name(settings)
        return cls(bundle, bundle.with_suffix(".html"), replace)

    def hold(self) -> AbstractContextManager[Lock]:
        """Hold the name of the bundle while a fit works for it.

        Raises:
            RunError: another fit does.
        """
        path = self.bundle.parent / FOLDER / "locks" / f"{self.bundle.name}.lock"
        return hold(path, self._busy)

    def _busy(self, holder: Holder) -> RunError:
        where, name = str(self.bundle), self.bundle.name
        return RunError("bundle-busy", where=where, name=name, **msgspec.structs.asdict(holder))

    def check(self, target: str) -> None:
        """Refuse, before anything is read, files that are surely something else.

        Raises:
            UsageError: such a file is there.
            RunError: the folder cannot be written to.
        """
        check_output(self.bundle, replace=self.replace, same=True)
        if not self.bundle.exists():  # else what that is decides first, once the table is read
            self.check_report(target)

    def check_report(self, target: str) -> None:
        """Refuse a page that is not an earlier report on the same target.

        Raises:
            UsageError: it is there.
        """
        check_output(self.report, replace=self.replace, same=is_report_on(self.report, target))


def check_place_and_room(settings: Settings, data: Data, run: Run) -> None:
    """Refuse, before the search, a place where another model stands, and a disk that is full.

    Raises:
        UsageError: another model, or something else, would be lost.
        RunError: a disk has no room for the least that comes.
    """
    destination, schema = Destination.of(settings), data.train.table.schema
    predictions = _TRIALS * len(data.train.y) * max(1, len(data.target.labels)) * _BYTES_OF_NUMBER
    check_room(run.folder, predictions)
    if destination is None:
        return
    if not settings.replace:
        check_place(destination.bundle, Manifest(target=data.target, schema=schema))
    destination.check_report(settings.target)
    check_room(destination.bundle.parent, _BYTES_OF_FIT + len(schema.columns) * _BYTES_OF_COLUMN)
