"""Settings: declared once; the file and the options that come from them, and what is refused."""

import dataclasses
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from mulle.errors import UnknownName, UsageError
from mulle.i18n import LANGUAGES, Messages
from mulle.verbs.serve.config import load_settings, read_config, write_config
from mulle.verbs.serve.settings import MEGABYTE, SETTINGS, Settings

# A value for each setting that is not its default, as the file has it and as `Settings` holds it.
OTHER = {
    "models": (["a.mulle"], ("a.mulle",)), "registry": ("r", Path("r")), "host": ("::1", "::1"),
    "port": (9, 9), "grpc_port": (8, 8), "workers": (2, 2), "lang": ("ko", "ko"),
    "routing": ("r.toml", Path("r.toml")), "warnings": (False, False), "reload_seconds": (0, 0.0),
    "state_dir": ("s", Path("s")), "database": ("sqlite:///a", "sqlite:///a"),
    "max_body": (1.5, 3 * MEGABYTE // 2), "max_rows": (7, 7), "max_waiting": (6, 6),
    "max_held": (5, 5 * MEGABYTE), "max_connections": (4, 4), "max_per_address": (3, 3),
    "max_upload": (2, 2 * MEGABYTE), "max_model": (1, MEGABYTE), "read_timeout": (1, 1.0),
    "work_timeout": (2.5, 2.5), "drain_timeout": (0, 0.0), "rate": ("600/m", 10.0),
    "burst": (5, 5), "keys": ("k.toml", Path("k.toml")), "guard_metrics": (True, True),
    "cors": (["https://a"], ("https://a",)), "allow_upload": ("f", Path("f")),
    "data_dir": ("d", Path("d")), "jobs_max_rows": (9, 9),
    "jobs_max_result": (1, MEGABYTE), "jobs_keep_days": (1, 1.0), "jobs_lease": (2, 2.0),
    "allow_private_webhooks": (True, True), "monitor_enabled": (False, False),
    "monitor_window": ("90m", 5_400.0), "monitor_every": (2, 2.0),
    "alerts": ("a.toml", Path("a.toml")), "log_format": ("json", "json"),
    "log_rows": (True, True), "log_predictions": ("log.db", "log.db"), "log_share": (0.5, 0.5),
    "log_keep_days": (3, 3.0), "log_drop": (["a"], ("a",)), "log_hash": (["b"], ("b",)),
    "log_unknown": (True, True), "root_path": ("/m", "/m"), "body_rate": (2, 2_048),
    "trusted_proxies": (["10.0.0.0/8"], ("10.0.0.0/8",)), "allow_host": (["a"], ("a",)),
}  # fmt: skip


def as_toml(name, value):
    setting = SETTINGS[name]
    text = str(value).lower() if isinstance(value, bool) else repr(value).replace("'", '"')
    return f"[{setting.table}]\n" * bool(setting.table) + f"{setting.key} = {text}\n"


@pytest.fixture
def written(tmp_path):
    """Writes a configuration file."""

    def write(text):
        path = tmp_path / "serve.toml"
        path.write_text(text, encoding="utf-8")
        return path

    return write


@pytest.fixture(autouse=True)
def no_environment(monkeypatch):
    monkeypatch.delenv("MULLE_DATABASE", raising=False)
    monkeypatch.delenv("MULLE_LOG", raising=False)


def test_every_setting_is_declared_and_tried():
    assert set(SETTINGS) == {f.name for f in dataclasses.fields(Settings)} - {"secret"}
    assert set(OTHER) == set(SETTINGS)
    assert {s.table for s in SETTINGS.values()} == {
        "", "limits", "security", "jobs", "monitor", "log"
    }  # fmt: skip


@pytest.mark.parametrize("name", SETTINGS)
def test_the_file_reaches_every_setting(name, written):
    given, held = OTHER[name]
    settings = load_settings(written(as_toml(name, given)))
    assert getattr(settings, name) == held != getattr(Settings(), name)
    assert type(getattr(settings, name)) is type(held)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_what_is_printed_reads_back_the_same(lang, written):
    for settings in (Settings(), Settings(**{name: held for name, (_, held) in OTHER.items()})):
        text = write_config(settings, Messages(lang))
        again = load_settings(written(text))
        assert dataclasses.replace(again, secret=settings.secret) == settings
        for name in SETTINGS:
            assert f"# {Messages(lang)(f'setting.{name}')}" in text.splitlines()


def test_an_option_goes_before_the_environment_and_that_before_the_file(written, monkeypatch):
    path = written('port = 1\nworkers = 3\ndatabase = "a"\n[log]\npredictions = "file.db"\n')
    monkeypatch.setenv("MULLE_DATABASE", "b")
    monkeypatch.setenv("MULLE_LOG", "variable.db")
    options = {"port": 2, "log_predictions": "option.db", "keys": None, "models": None}
    settings = load_settings(path, options, {"lang": "ko", "port": 5})
    assert (settings.port, settings.workers, settings.lang) == (2, 3, "ko")
    assert (settings.database, settings.log_predictions) == ("b", "option.db")


WRONG = {
    "no TOML": ("port = ", "config-broken", ["serve.toml"]),
    "unknown": ("prot = 1", "config-key-unknown", ["prot", "port", "serve.toml"]),
    "unknown in a table": ("[limits]\nmax_row = 1", "config-key-unknown", ["max_rows", "[limits]"]),
    "unknown table": ("[limit]\nmax_rows = 1", "config-table-unknown", ["limit", "limits"]),
    "another table": ("max_rows = 1", "config-key-elsewhere", ["max_rows", "[limits] max_rows"]),
    "an old name": ("[log]\nlog_share = 1", "config-key-unknown", ["log_share", "share"]),
    "no table": ("limits = 3", "config-no-table", ["limits"]),
    "a text for a number": ('port = "80"', "config-type", ["port", "80", "serve.toml"]),
    "a boolean for a number": ("port = true", "config-type", ["port", "true"]),
    "a number for a boolean": ("[log]\nrows = 1", "config-type", ["[log] rows", "1"]),
    "a fraction": ("[limits]\nmax_rows = 1.5", "config-type", ["[limits] max_rows", "1.5"]),
    "a text for a list": ('[security]\ncors = "a"', "config-type", ["[security] cors"]),
    "numbers in a list": ("[log]\ndrop = [1]", "config-type", ["[log] drop"]),
    "too low": ("[limits]\nmax_rows = 0", "config-low", ["[limits] max_rows", "1", "0"]),
    "too high": ("port = 70000", "config-range", ["port", "65535", "70000"]),
    "no number": ("[log]\nshare = nan", "config-range", ["[log] share", "nan"]),
    "a choice": ('[log]\nformat = "xml"', "config-choice", ["[log] format", "xml", "json"]),
    "a language": ('lang = "fr"', "config-choice", ["lang", "fr", "en"]),
    "a length": ('[monitor]\nwindow = "soon"', "config-length", ["[monitor] window", "soon"]),
    "a rate": ('[limits]\nrate = "fast"', "config-rate", ["[limits] rate", "fast", "100/s"]),
    "no rate": ('[limits]\nrate = "0/s"', "config-rate", ["[limits] rate", "0/s"]),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_is_refused_names_file_table_and_key(name, written):
    text, code, named = WRONG[name]
    with pytest.raises(UsageError) as caught:
        read_config(written(text))
    error = caught.value
    assert error.code == code
    for lang in LANGUAGES:
        said = " ".join((error.render_what(lang), error.render_where(lang), error.render_fix(lang)))
        assert all(word in said for word in [*named, "serve.toml"]), said
        assert "{" not in said and "–" not in said


def test_an_empty_path_is_no_path(written):
    settings = load_settings(written('routing = ""\nstate_dir = ""\n[security]\nkeys = ""\n'))
    assert (settings.routing, settings.keys) == (None, None)
    assert settings.state_dir == Settings().state_dir


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(UsageError) as caught:
        read_config(tmp_path / "gone.toml")
    assert caught.value.code == "config-missing" and "gone.toml" in caught.value.what


def test_near_misses_are_offered(written):
    with pytest.raises(UnknownName) as caught:
        read_config(written("[limits]\nmax_bodies = 3"))
    assert "max_body" in caught.value.render_fix("en")


def mulle(*arguments, cwd, lang="en"):
    return subprocess.run(
        [sys.executable, "-m", "mulle", "--lang", lang, "serve", *map(str, arguments)], cwd=cwd,
        capture_output=True, text=True, encoding="utf-8", timeout=60,
    )  # fmt: skip


def test_the_command_prints_what_is_in_force(written, tmp_path):
    path = written("port = 1234\n[limits]\nmax_rows = 5\n")
    done = mulle("m.mulle", "--config", path, "--port", 4321, "--print-config", cwd=tmp_path)
    assert done.returncode == 0 and done.stderr == ""
    printed = tomllib.loads(done.stdout)
    assert (printed["port"], printed["limits"]["max_rows"]) == (4321, 5)
    assert printed["models"] == ["m.mulle"] and printed["lang"] == "en"
    korean = mulle("--print-config", cwd=tmp_path, lang="ko").stdout
    assert re.search("[가-힣]", korean) and tomllib.loads(korean)["lang"] == "ko"


def test_the_command_has_few_options(tmp_path):
    page = mulle("--help", cwd=tmp_path).stdout
    options = set(re.findall(r"^  (--[a-z-]+)", page, re.MULTILINE)) - {"--help"}
    flags = {setting.option for setting in SETTINGS.values() if setting.flag}
    assert options == flags | {"--config", "--print-config"} and len(options) <= 15
    for setting in SETTINGS.values():
        if setting.flag and setting.default not in (None, "", ()):
            assert f"[default: {setting.default}" in " ".join(page.split())


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ([], "serve-without-models"),
        (["m.mulle", "--log-format", "xml"], "config-choice"),
        (["m.mulle", "--config", "gone.toml"], "config-missing"),
    ],
)
def test_the_command_refuses(arguments, code, tmp_path):
    done = mulle(*arguments, cwd=tmp_path)
    assert done.returncode == 2 and f"({code})" in done.stderr


def test_uploads_need_keys_and_a_served_folder(tmp_path):
    with pytest.raises(UsageError) as caught:
        Settings(models=("a",), allow_upload=Path("a")).check()
    assert caught.value.code == "upload-without-keys"
    with pytest.raises(UsageError) as caught:
        Settings(models=("a",), allow_upload=Path("b"), keys=Path("k")).check()
    assert caught.value.code == "upload-not-served"
    Settings(models=("a",), allow_upload=Path("a"), keys=Path("k")).check()
