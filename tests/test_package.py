"""`import mulle` offers plain functions with real signatures, to people and to type checkers."""

from __future__ import annotations

import inspect
import subprocess
import sys
from pathlib import Path
from types import FunctionType

import polars as pl
import pytest

import mulle
from mulle.verbs.fit import Settings
from mulle.verbs.retrain import Settings as Retraining

VERBS = [name for name in mulle.__all__ if name not in {"load", "read"}]


@pytest.mark.parametrize("name", mulle.__all__)
def test_each_name_is_a_documented_function(name):
    function = getattr(mulle, name)
    assert type(function) is FunctionType
    assert getattr(mulle, name) is function, "it changes its nature after the first use"
    assert inspect.getdoc(function).splitlines()[0].endswith(".")
    assert name in dir(mulle)


@pytest.mark.parametrize("name", mulle.__all__)
def test_options_are_typed_keywords(name):
    for parameter in inspect.signature(getattr(mulle, name)).parameters.values():
        assert parameter.annotation is not inspect.Parameter.empty, parameter
        assert parameter.kind is not inspect.Parameter.VAR_KEYWORD


def test_fit_takes_every_setting_of_a_run():
    options = set(inspect.signature(mulle.fit).parameters) - {"progress", "kinds", "spent"}
    assert options == set(Settings.__struct_fields__)


def test_retrain_takes_every_setting_of_a_loop():
    options = set(inspect.signature(mulle.retrain).parameters)
    assert set(Retraining.__struct_fields__) <= options


def test_a_misspelt_option_is_refused():
    with pytest.raises(TypeError, match="tme"):
        mulle.fit({"a": [1]}, "a", tme=3)


def test_the_same_answers_as_the_model_gives(share):
    bundle = share("package", make) / "table.mulle"
    model = mulle.load(bundle)
    rows = TABLE.drop("y").head(5)
    assert mulle.predict(bundle, rows).tolist() == model.predict(rows).tolist()
    assert mulle.evaluate(bundle, TABLE, metrics=["accuracy"]).values().keys() == {"accuracy"}
    assert mulle.evaluate(model, TABLE)["accuracy"] == pytest.approx(
        (model.predict(TABLE.drop("y")) == TABLE["y"].to_numpy()).mean()
    )


TABLE = pl.DataFrame({"x": [float(i) for i in range(60)], "y": ["a", "b"] * 30})


def make(folder: Path) -> None:
    mulle.fit(TABLE, "y", preset="quick", trials=2, n_jobs=1, output=folder)


@pytest.mark.long
def test_a_type_checker_knows_the_verbs(tmp_path):
    (tmp_path / "mypy.ini").write_text("[mypy]\nfollow_imports = silent\n", encoding="utf-8")
    (tmp_path / "use.py").write_text(
        "import mulle\n"
        "result = mulle.fit('t.csv', target='y', time=60)\n"
        "reveal_type(result)\n"
        "mulle.fit('t.csv', target='y', tme=60)\n",
        encoding="utf-8",
    )
    root = Path(__file__).parents[1]
    command = [sys.executable, "-m", "mypy", "--config-file", "mypy.ini", "use.py"]
    ran = subprocess.run(
        command, cwd=tmp_path, capture_output=True, text=True, encoding="utf-8",
        env={"MYPYPATH": str(root / "src"), "PATH": ""},
    )  # fmt: skip
    assert 'Revealed type is "mulle.verbs.fit.deliver.Result"' in ran.stdout
    assert 'Unexpected keyword argument "tme"' in ran.stdout
    assert ran.stdout.count("error:") == 1, ran.stdout
