"""Model files that were replaced: kept beside their place, so that the last ones can come back.

    models/credit.mulle                                 the model
    models/credit.challenger.mulle                      the model that may take its place
    models/.mulle/kept/credit/0007-1f2e3d4c.mulle       the seventh that stood there before
    models/.mulle/kept/credit/0007-1f2e3d4c.html        the report that lay beside it
    models/.mulle/kept/credit/rolled-back.mulle         the one that a rollback took away
    models/.mulle/accepted/credit                       checksum of another model, accepted there
    models/.mulle/moving/credit.lock                    held while what stands there changes

The newest of them is the one that a rollback brings back; the five newest are kept. A copy is
written before its original is replaced, so at every instant one of both holds what was there.
"""

from __future__ import annotations

import hashlib
from contextlib import AbstractContextManager
from pathlib import Path

from mulle.bundle.archive import unpack_archive
from mulle.errors import BundleError, RunError
from mulle.files import Lock, hold, write_bytes

KEPT, ACCEPTED = Path(".mulle") / "kept", Path(".mulle") / "accepted"
_MOVING = Path(".mulle") / "moving"
MAX_WAIT_SECONDS = 10.0  # for other programs that move what stands at a place
_CHALLENGER, _ROLLED_BACK, _PAGE = ".challenger", "rolled-back.mulle", ".html"
MAX_KEPT = 5  # files of one place; each is as large as a model


def challenger_of(path: Path) -> Path:
    """Return where the file lies that may take the place of another."""
    return path.with_name(f"{path.stem}{_CHALLENGER}{path.suffix}")


def is_challenger(path: Path) -> bool:
    """Tell whether a file only waits to take the place of the one beside it."""
    stem = path.stem
    if not stem.endswith(_CHALLENGER):
        return False
    return path.with_name(stem.removesuffix(_CHALLENGER) + path.suffix).is_file()


def kept_files(path: Path) -> list[Path]:
    """Return the files that stood at a path before, the oldest first."""
    folder = path.parent / KEPT / path.stem
    return sorted((file for file in folder.glob("*.mulle") if _number(file)), key=_number)


def hold_place(path: Path) -> AbstractContextManager[Lock]:
    """Hold the place of a model file while it is looked at and changed; every program does so.

    Raises:
        RunError: another program holds it for longer than ten seconds.
    """
    busy = RunError("place-busy", where=str(path), name=path.name)
    return hold(path.parent / _MOVING / f"{path.stem}.lock", busy, wait_s=MAX_WAIT_SECONDS)


def keep(path: Path, data: bytes) -> Path:
    """Copy what stands at a path, with its report, to where replaced files are kept.

    Args:
        path: the place.
        data: the bytes of the file there.

    Raises:
        RunError: the copy cannot be written.
    """
    mark = hashlib.sha256(data).hexdigest()[:8]
    before = kept_files(path)
    if before and before[-1].stem.endswith(f"-{mark}"):
        return before[-1]  # kept already, by a program that was killed before it replaced the file
    number = _number(before[-1]) + 1 if before else 1
    copy = path.parent / KEPT / path.stem / f"{number:04}-{mark}.mulle"
    _copy_report(path, data, copy)
    write_bytes(copy, data)
    for old in [*before, copy][:-MAX_KEPT]:
        _forget(old)
    return copy


def put(path: Path, data: bytes) -> None:
    """Put a model file in its place, and keep the one that stood there.

    Raises:
        RunError: one of the two cannot be written; what stood there is as it was.
    """
    before = path.read_bytes() if path.is_file() else None
    if before == data:
        return
    try:
        if before is not None:
            keep(path, before)
    except RunError as error:  # by the name that a person knows
        reason = error.values.get("strerror", error)
        raise RunError("keep-failed", where=path, name=path.name, strerror=reason) from error
    write_bytes(path, data)


def put_back(path: Path, kept: Path, data: bytes) -> None:
    """Put a kept file and its report in their place again; what stands there is kept aside.

    Args:
        path: the place.
        kept: one of its `kept_files`.
        data: the bytes of that file.
    """
    down = path.read_bytes()
    away = kept.with_name(_ROLLED_BACK)
    _forget(away)
    is_ours = _copy_report(path, down, away)
    write_bytes(away, down)
    accept(path, data)
    write_bytes(path, data)
    page, report = path.with_suffix(_PAGE), kept.with_suffix(_PAGE)
    if report.exists() and (is_ours or not page.exists()):
        write_bytes(page, report.read_bytes())
    elif is_ours:  # it is of the model that went, and lies beside that one now
        page.unlink()
    for file in kept_files(path):  # what stands there is not what stood there before
        if _number(file) >= _number(kept):
            _forget(file)


def _copy_report(path: Path, data: bytes, copy: Path) -> bool:
    """Copy the report on a model that lies beside it; return whether there is one."""
    from mulle.report import is_report_on  # with what draws pages

    page = path.with_suffix(_PAGE)
    try:
        target = unpack_archive(data, str(path))[0].target.name
    except BundleError:
        return False
    if not is_report_on(page, target):
        return False
    write_bytes(copy.with_suffix(_PAGE), page.read_bytes())
    return True


def _forget(kept: Path) -> None:
    """Remove a kept file and its report."""
    for file in (kept, kept.with_suffix(_PAGE)):
        file.unlink(missing_ok=True)


def accept(path: Path, data: bytes) -> None:
    """Note that these bytes may stand at a path though they are another model, see `same_model`.

    To be called before they are put there: a server that finds them looks for the note.
    """
    mark = hashlib.sha256(data).hexdigest()
    write_bytes(path.parent / ACCEPTED / path.stem, mark.encode())


def accepted(path: Path) -> str:
    """Return the checksum of what was accepted at a path; "" where nothing was."""
    try:
        return (path.parent / ACCEPTED / path.stem).read_text("ascii")
    except (OSError, UnicodeError):
        return ""


def _number(file: Path) -> int:
    """Return the number of a kept file; 0 for a file that was not kept here."""
    number, _, _ = file.stem.partition("-")
    return int(number) if number.isdecimal() else 0
