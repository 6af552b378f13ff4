"""`mulle alerts test` from the command line."""

import json
from pathlib import Path

import pytest

from mulle.cli.app import main

RULES = """
[[rule]]
name = "drift"
on = "drift"
above = 0.2
channels = ["team"]
[channel.team]
type = "webhook"
url_env = "HOOK"
"""


def test_rules_are_checked_and_a_channel_that_fails_is_told(
    tmp_path: Path, capsys, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("HOOK", raising=False)
    path = tmp_path / "rules.toml"
    path.write_text(RULES, encoding="utf-8")
    assert main(["alerts", "test", str(path)]) == 0
    assert "The rules are valid. Rules: 1, channels: 1." in capsys.readouterr().out
    assert main(["alerts", "test", str(path), "--send", "--format", "json"]) == 1
    said = json.loads(capsys.readouterr().out)
    assert said["failed"]["team"].endswith("HOOK is not set. Set HOOK where mulle runs.")
    path.write_text(RULES.replace("above", "abov"), encoding="utf-8")
    assert main(["alerts", "test", str(path)]) == 2
    assert "Did you mean 'above'" in capsys.readouterr().err
