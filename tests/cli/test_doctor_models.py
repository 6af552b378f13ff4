"""`mulle doctor --models`: what can be loaded, and why the rest cannot."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.cli.conftest import Mulle

from mulle.cli.exits import Exit


def test_what_cannot_be_loaded_is_listed_with_its_reason(mulle: Mulle, tmp_path: Path) -> None:
    for name, config in (("code", {"auto_map": {}}), ("bare", {"model_type": "bert"})):
        (tmp_path / name).mkdir()
        (tmp_path / name / "config.json").write_text(json.dumps(config))
    told = json.loads(mulle("doctor", "--models", str(tmp_path), "--format", "json").out)
    codes = {Path(model["path"]).name: model["problem"]["code"] for model in told}
    assert codes == {"bare": "pretrained-no-weights", "code": "pretrained-code"}
    shown = mulle("doctor", "--models", str(tmp_path)).out
    assert "code: config.json asks for Python code" in shown


@pytest.mark.parametrize("name", ["nowhere", ""])
def test_a_folder_without_models_is_refused(mulle: Mulle, tmp_path: Path, name: str) -> None:
    assert mulle("doctor", "--models", str(tmp_path / name)).code == Exit.wrong_command
