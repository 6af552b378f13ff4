"""`serve.toml`: the settings of a server as a file, read with every mistake named, and written.

    port = 9000

    [limits]
    max_rows = 1000
    rate = "100/s"

An option of the command line goes before an environment variable, both before the file, and the
file before the default.
"""

from __future__ import annotations

import math
import os
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from mulle.errors import UnknownName, UsageError
from mulle.i18n import Messages
from mulle.verbs.serve.settings import MEGABYTE, SETTINGS, Setting, Settings

_UNITS = {"s": 1, "m": 60, "h": 3_600, "d": 86_400}
_LENGTHS = ((3_600, "h"), (60, "m"), (1, "s"))
_TYPES: dict[str, type | tuple[type, ...]] = {
    "text": str, "path": str, "integer": int, "number": (int, float), "boolean": bool,
    "texts": list, "choice": str, "megabytes": (int, float), "kilobytes": (int, float),
    "length": str, "rate": str,
}  # fmt: skip


def load_settings(
    path: Path | None = None,
    options: Mapping[str, Any] | None = None,
    defaults: Mapping[str, Any] | None = None,
) -> Settings:
    """Return the settings of a server.

    Args:
        path: configuration file; None for none.
        options: settings of the command line by name, written as in the file; None where an
            option was not given.
        defaults: other defaults than those that are declared, by name.

    Raises:
        UsageError: the file is not there or not TOML, or a value cannot be used.
        UnknownName: the file names a table or a key that does not exist.
    """
    values = dict(defaults or {})
    values |= read_config(path) if path else {}
    for setting in SETTINGS.values():
        if setting.env and os.environ.get(setting.env):
            values[setting.name] = read_value(setting, os.environ[setting.env], setting.env)
    for name, value in (options or {}).items():
        if value is not None and value != []:
            values[name] = read_value(SETTINGS[name], value, SETTINGS[name].option)
    return Settings(**values)


def read_config(path: Path) -> dict[str, Any]:
    """Return the settings that a configuration file holds, by name.

    Raises:
        UsageError: the file is not there or not TOML, or a value cannot be used.
        UnknownName: the file names a table or a key that does not exist.
    """
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise UsageError("config-missing", path=path, strerror=error.strerror) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError("config-broken", path=path, error=error) from error
    tables = {setting.table for setting in SETTINGS.values()} - {""}
    values = _read_table("", {k: v for k, v in content.items() if k not in tables}, path)
    for table in tables & content.keys():
        if not isinstance(content[table], dict):
            raise UsageError("config-no-table", where=path, table=table)
        values |= _read_table(table, content[table], path)
    return values


def _read_table(table: str, content: Mapping[str, Any], path: Path) -> dict[str, Any]:
    known = {setting.key: setting for setting in SETTINGS.values() if setting.table == table}
    values = {}
    for key, value in content.items():
        if key in known:
            setting = known[key]
            values[setting.name] = read_value(setting, value, setting.place, path)
        else:
            raise _unknown(table, key, value, known, path)
    return values


def _unknown(table: str, key: str, value: Any, known: Iterable[str], path: Path) -> UnknownName:
    """Return the error for a key that does not exist; it may only stand in another table."""
    tables = sorted({setting.table for setting in SETTINGS.values()} - {""})
    where = f"{path} [{table}]" if table else str(path)
    if isinstance(value, dict) and not table:
        return UnknownName("config-table-unknown", "config-table", key, tables, where)
    homes = [s.place for s in SETTINGS.values() if key in (s.key, s.name) and s.table != table]
    if homes:
        return UnknownName("config-key-elsewhere", "config-key", key, homes, where, home=homes[0])
    return UnknownName("config-key-unknown", "config-key", key, known, where)


def read_value(setting: Setting, value: Any, place: str, path: Path | None = None) -> Any:
    """Return a value as `Settings` holds it.

    Args:
        setting: declaration of the setting.
        value: the value, as TOML or an option has it.
        place: name of the setting in an error.
        path: file that the value stands in; None for none.

    Raises:
        UsageError: the value has another type, lies outside the range, or cannot be read.

    >>> read_value(SETTINGS["max_body"], 2, "max_body"), read_value(SETTINGS["rate"], "6/m", "rate")
    (2097152, 0.1)
    """
    about: dict[str, Any] = {"where": path or "", "setting": place, "received": _to_text(value)}
    sort, is_bool = _TYPES[setting.form], isinstance(value, bool)
    listed = setting.form == "texts"
    if isinstance(value, Path):
        value = str(value)
    wrong = not isinstance(value, sort) or (is_bool and sort is not bool)
    if wrong or (listed and not all(isinstance(item, str) for item in value)):
        raise UsageError("config-type", **about, form=setting.form)
    if setting.choices and value not in setting.choices:
        raise UsageError("config-choice", **about, known=list(setting.choices))
    if isinstance(value, (int, float)) and not is_bool:
        _check_range(setting, value, about)
    return _convert(setting, value, about)


def _check_range(setting: Setting, value: float, about: Mapping[str, Any]) -> None:
    low, high = setting.low, setting.high
    if not math.isfinite(value) or (low is not None and value < low):
        code = "config-low" if high is None else "config-range"
        raise UsageError(code, **about, low=f"{low or 0:g}", high=f"{high:g}" if high else "")
    if high is not None and value > high:
        raise UsageError("config-range", **about, low=f"{low or 0:g}", high=f"{high:g}")


def _convert(setting: Setting, value: Any, about: Mapping[str, Any]) -> Any:
    from mulle.times import seconds

    match setting.form:
        case "path":
            return Path(value) if value else setting.default
        case "texts":
            return tuple(value)
        case "megabytes":
            return round(value * MEGABYTE)
        case "kilobytes":
            return round(value * 1024)
        case "number":
            return float(value)
        case "length":
            length = seconds(value)
            if not length:
                raise UsageError("config-length", **about)
            return length
        case "rate":
            return _read_rate(value, about)
    return value


def _read_rate(text: str, about: Mapping[str, Any]) -> float:
    """Requests a second, from `100/s`, `600/m` or `100`; "" for any number."""
    count, _, unit = text.partition("/")
    try:
        rate = float(count) / _UNITS[unit or "s"] if text else 0.0
    except (ValueError, KeyError):
        rate = math.nan
    if not (0 < rate < math.inf or not text):
        raise UsageError("config-rate", **about)
    return rate


def write_config(settings: Settings, words: Messages) -> str:
    """Return settings as a configuration file that reads back the same, each with its meaning.

    Args:
        settings: those of a server.
        words: the language of the comments.
    """
    lines, table = [f"# {words('setting-file.title')}"], ""
    for setting in SETTINGS.values():
        if setting.table != table:
            table = setting.table
            lines += ["", f"[{table}]"]
        meaning = words(f"setting.{setting.name}")
        lines += ["", f"# {meaning}", _write_line(setting, getattr(settings, setting.name))]
    return "\n".join(lines) + "\n"


def _write_line(setting: Setting, value: Any) -> str:
    written = write_value(setting, value)
    if written is None:  # TOML has no such value
        return f'# {setting.key} = "{setting.metavar}"'
    return f"{setting.key} = {_to_toml(written)}"


def write_value(setting: Setting, value: Any) -> Any:
    """Return a value as the file has it, the inverse of `read_value`; None for no value.

    >>> write_value(SETTINGS["monitor_window"], 86_400.0)
    '24h'
    """
    if value is None:
        return None
    match setting.form:
        case "megabytes":
            return value // MEGABYTE if value % MEGABYTE == 0 else value / MEGABYTE
        case "kilobytes":
            return value // 1024 if value % 1024 == 0 else value / 1024
        case "length":
            size, unit = next((s, u) for s, u in _LENGTHS if value % s == 0 or s == 1)
            return f"{value / size:g}{unit}"
        case "rate":
            return f"{value!r}/s" if value else ""
        case "path":
            return Path(value).as_posix()
        case "texts":
            return list(value)
    return value


def _to_toml(value: Any) -> str:
    import tomli_w

    return tomli_w.dumps({"x": value})[4:].strip()


def _to_text(value: Any) -> str:
    """A value as an error shows it: as TOML, and not at any length."""
    text = str(value).lower() if isinstance(value, bool) else str(value)
    return text[:100]
