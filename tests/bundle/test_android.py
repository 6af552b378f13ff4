"""The Android sample: its row is typed from the schema, and it says where it was not compiled."""

from __future__ import annotations

import json
import re
from pathlib import Path
from xml.etree import ElementTree

import pytest

from mulle.bundle import load
from mulle.bundle.exports import export_android

GOLDEN = Path(__file__).parent / "golden"
SOURCES = "src/main/kotlin/com/example/predict"


@pytest.mark.parametrize("name", ["binary", "multiclass", "regression"])
def test_the_row_is_typed_from_the_schema(name, tmp_path):
    model = load(GOLDEN / f"{name}.mulle")
    paths = export_android(model, tmp_path)
    assert all(path.is_file() for path in paths)
    source = (tmp_path / SOURCES / "Predictor.kt").read_text("utf-8")
    fields = re.findall(r"    val (\w+): (\w+)\? = null,  // (.*)", source)
    types = {"number": "Double", "date": "LocalDateTime", "string": "String"}
    columns = model.manifest.schema.columns
    assert [(kind, said) for _, kind, said in fields] == [
        (types[c.storage], c.name) for c in columns
    ]
    for field, _, said in fields:
        tensor = re.search(
            rf"inputs\[{re.escape(json.dumps(said, ensure_ascii=False))}\] = (\w+)\(row\.{field}\)",
            source,
        )
        assert tensor
    labels = re.search(r"LABELS = listOf<String>\((.*)\)", source)[1]
    assert labels.count('"') == 2 * len(model.manifest.labels)
    assert all(source.count(a) == source.count(b) for a, b in ("{}", "[]"))
    texts = [path.read_text("utf-8") for path in paths if path.suffix != ".onnx"]
    assert not any(re.search("@[A-Z_]+@", text) for text in texts)


def test_the_app(tmp_path):
    model = load(GOLDEN / "binary.mulle")
    export_android(model, tmp_path)
    manifest = ElementTree.parse(tmp_path / "src/main/AndroidManifest.xml").getroot()
    assert manifest.find("application/activity") is not None
    gradle = (tmp_path / "build.gradle.kts").read_text("utf-8")
    assert re.search(r"com\.microsoft\.onnxruntime:onnxruntime-android:1\.\d+\.0", gradle)
    assert (tmp_path / "src/main/assets/model.onnx").read_bytes() == model.graph
    readme = (tmp_path / "README.md").read_text("utf-8")
    assert "was not compiled" in readme
    assert model.manifest.checksums["model.onnx"] in readme
