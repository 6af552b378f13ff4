"""Encodings and paths: whether Hangul survives files, the console and the folders in use.

catalogue  env-encoding
"""

from __future__ import annotations

import codecs
import locale
import os
import sys
import tempfile
from pathlib import Path

from mulle.doctor.check import CheckResult, join_commands, on_windows, quote, set_variable

SAMPLE = "물레 café ± → ✓"  # what mulle prints: Hangul, accents, signs


def locale_encoding() -> CheckResult:
    """How does a program read a file when nobody names the encoding?"""
    name = _canonical(locale.getpreferredencoding(False))
    values = {"encoding": name, "utf8_mode": sys.flags.utf8_mode, "locale": _locale()}
    if name == "utf-8":
        return CheckResult("locale-encoding", "ok", "fine", values)
    return CheckResult("locale-encoding", "note", "other", values, set_variable("PYTHONUTF8", "1"))


def console_encoding() -> CheckResult:
    """Can standard output show what mulle prints?"""
    name = _canonical(getattr(sys.stdout, "encoding", None) or "ascii")
    values = {"encoding": name, "lost": _lost(name)}
    if not values["lost"]:
        return CheckResult("console-encoding", "ok", "fine", values)
    fix = set_variable("PYTHONIOENCODING", "utf-8")
    fix = join_commands("chcp 65001", fix) if on_windows() else fix
    return CheckResult("console-encoding", "warn", "lossy", values, fix)


def filesystem_encoding() -> CheckResult:
    """Can file names hold any letter?"""
    name = _canonical(sys.getfilesystemencoding())
    values = {"encoding": name}
    if name == "utf-8":
        return CheckResult("filesystem-encoding", "ok", "fine", values)
    return CheckResult(
        "filesystem-encoding", "warn", "other", values, set_variable("PYTHONUTF8", "1")
    )


def temp_path() -> CheckResult:
    """Is the folder for temporary files spelled in ASCII, as joblib's workers want it?"""
    folder = os.environ.get("JOBLIB_TEMP_FOLDER") or tempfile.gettempdir()
    values = {"folder": folder}
    if folder.isascii():
        return CheckResult("temp-path", "ok", "fine", values)
    plain = r"C:\Temp" if on_windows() else "/tmp"
    make = f"New-Item -ItemType Directory -Force {plain}" if on_windows() else f"mkdir -p {plain}"
    fix = join_commands(make, set_variable("JOBLIB_TEMP_FOLDER", plain))
    return CheckResult("temp-path", "warn", "not-ascii", values, fix)


def working_path() -> CheckResult:
    """Is the working folder spelled in ASCII? On Windows, native code may open files in it."""
    folder = str(Path.cwd())
    values = {"folder": folder}
    if folder.isascii() or not on_windows():
        return CheckResult("working-path", "ok", "fine", values)
    plain = quote(r"C:\mulle")
    fix = join_commands(f"New-Item -ItemType Directory -Force {plain}", f"Set-Location {plain}")
    return CheckResult("working-path", "note", "not-ascii", values, fix)


def _canonical(name: str) -> str:
    """One spelling per encoding; cp65001 and UTF8 are utf-8."""
    try:
        return codecs.lookup(name).name
    except LookupError:
        return name.lower()


def _lost(encoding: str) -> list[str]:
    """The signs of the sample that an encoding has no code for."""
    try:
        return [sign for sign in SAMPLE if not sign.encode(encoding, "ignore")]
    except LookupError:
        return list(SAMPLE)


def _locale() -> str:
    return locale.setlocale(locale.LC_CTYPE)  # without a value it only asks
