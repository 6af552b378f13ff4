"""The notebook runs from top to bottom; the other examples are run by `.ci/run`."""

import json
from pathlib import Path

NOTEBOOK = Path(__file__).parents[1] / "examples" / "fit.ipynb"


def test_the_notebook_runs(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    cells = json.loads(NOTEBOOK.read_text(encoding="utf-8"))["cells"]
    names: dict[str, object] = {}
    for cell in cells:
        if cell["cell_type"] == "code":
            source = "".join(cell["source"]).replace("time=20", "trials=3")
            exec(compile(source, "fit.ipynb", "exec"), names)
    assert names["model"].manifest.parity.label_flips == 0
    assert (tmp_path / "models" / "table.html").exists()
