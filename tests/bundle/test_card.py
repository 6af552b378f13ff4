"""The model card: both languages complete, front matter that parses, nothing that breaks out."""

from __future__ import annotations

import json
import re
from pathlib import Path

import msgspec
import pytest

from mulle.bundle import Proof, card, load
from mulle.i18n import Messages

GOLDEN = Path(__file__).parent / "golden"


@pytest.fixture(params=["binary", "multiclass", "regression"])
def manifest(request):
    found = load(GOLDEN / f"{request.param}.mulle").manifest
    metric = "rmse" if request.param == "regression" else "log_loss"
    return msgspec.structs.replace(
        found,
        metric=metric,
        scores={"validation": {metric: 0.25}, "test": {metric: 0.5, "other": None}},
        parity=Proof(1_234, 1_000, 1.5e-9, 1.5e-9, 0, 3),
        lineage={"source": "cars.csv", "rows": 9_876, "test_rows": 321, "plans": ["a", "b"]},
    )


def front(text: str) -> dict:
    _, matter, _ = text.split("---\n", 2)
    pairs = (line.split(": ", 1) for line in matter.splitlines())
    return {key: json.loads(value) for key, value in pairs}


@pytest.mark.parametrize("lang", ["en", "ko"])
def test_says_what_is_known(manifest, lang):
    text = card(manifest, lang)
    for fact in ("cars.csv", "9,876", "321", "1,234", "1,000", "1.5 × 10⁻⁹", "a, b", "0.25", "0.5"):
        assert fact in text, fact
    assert f"| {manifest.metric} \\* | 0.25 | 0.5 |" in text
    assert "| other | – | – |" in text
    matter = front(text)
    assert matter["language"] == [lang]
    assert "license" not in matter
    (result,) = matter["model-index"][0]["results"]
    assert result["metrics"] == [{"type": manifest.metric, "value": 0.5}]
    titles = re.findall(r"^## (.+)$", text, re.MULTILINE)
    keys = ("trained", "scores", "proof", "columns", "unusual", "limits", "use")
    assert titles == [Messages(lang)(f"model-card.{key}") for key in keys]


def test_the_example_runs(manifest):
    row = re.search(r"^model\.predict\((\{.+\})\)$", card(manifest), re.MULTILINE)
    model = load(GOLDEN / f"{manifest.task}.mulle")
    values = eval(row.group(1), {"__builtins__": {}})
    assert len(model.predict(values)) == 1


def test_unscored_and_unproved(manifest):
    bare = msgspec.structs.replace(manifest, scores={}, parity=None, lineage={})
    text = card(bare)
    assert "It was not scored." in text
    assert "No proof was made." in text


def test_a_name_cannot_break_out(manifest):
    evil = "a|b\n# <script>`x`"
    columns = (msgspec.structs.replace(manifest.schema.columns[0], name=evil),)
    schema = msgspec.structs.replace(manifest.schema, columns=columns)
    column = msgspec.structs.replace(manifest.target.column, name=evil)
    target = msgspec.structs.replace(manifest.target, column=column)
    text = card(msgspec.structs.replace(manifest, schema=schema, target=target))
    assert "<script>" not in text.replace("\\<script\\>", "").split("```")[0].split("---\n", 2)[2]
    assert front(text)["model-index"][0]["name"] == evil


@pytest.mark.parametrize("lang", ["en", "ko"])
def test_the_positive_class_and_its_threshold_are_named(lang):
    binary = load(GOLDEN / "binary.mulle").manifest
    binary = msgspec.structs.replace(
        binary, threshold=0.31, scores={"test": {"f1": 0.5, "mcc": 0.4}}
    )
    text = card(binary, lang)
    assert "`True`" in text and "0.31" in text
    assert "| f1 (`True`) | 0.5 |" in text and "| mcc | 0.4 |" in text
    other = load(GOLDEN / "multiclass.mulle").manifest
    assert Messages(lang)("model-card.positive", label="", threshold=0)[:9] not in card(other, lang)
