"""Fitting with a pretrained encoder: from a folder and a table to one file that reads texts."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from tests.steps.test_embed import tiny_folder

import mulle
from mulle.errors import BundleError, DataError, MissingFile
from mulle.verbs.fit.encode import encoder_of, with_encoder
from mulle.verbs.fit.plan import Features, Plan
from mulle.verbs.fit.progress import Progress

pytest.importorskip("tokenizers")
GOOD, BAD = "좋은 영화다", "나쁜 이야기"


def reviews(rows: int = 80) -> pl.DataFrame:
    tail = "번째로 본 것을 여기에 길게 적어 둔다"
    texts = [f"{GOOD if i % 2 else BAD} {i} {tail}" for i in range(rows)]
    labels = ["pos" if i % 2 else "neg" for i in range(rows)]
    return pl.DataFrame({"review": texts, "label": labels})


class Heard(Progress):
    """Keeps what it hears."""

    def __init__(self) -> None:
        self.codes: list[str] = []

    def note(self, code: str, **values: object) -> None:
        self.codes.append(code)

    def warn(self, code: str, **values: object) -> None:
        self.codes.append(code)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tiny_folder(tmp_path / "tiny")


def only_encoder(tmp_path: Path) -> Path:
    path = tmp_path / "plan.toml"
    path.write_text(
        '[[plan]]\nname = "probe"\nlearner = "linear"\n[[plan.features]]\ncolumns = ["review"]\n'
        'steps = [{ step = "Embed" }, { step = "StandardScale" }]\n'
    )
    return path


@pytest.mark.long
def test_the_file_reads_texts_as_the_run_did(folder: Path, tmp_path: Path) -> None:
    heard, table = Heard(), reviews()
    result = mulle.fit(
        table, "label", encoder=folder, plan=only_encoder(tmp_path), trials=1, n_jobs=1,
        output=tmp_path / "m.mulle", progress=heard,
    )  # fmt: skip
    assert "encoder-forecast" in heard.codes
    assert "encoder-used" in {decision.code for decision in result.decisions}
    with zipfile.ZipFile(tmp_path / "m.mulle") as archive:
        assert "tokenizer.json" in archive.namelist()
        manifest = json.loads(archive.read("bundle.json"))
    assert manifest["tokens"]["review"]["name"] == "review tokens"
    assert manifest["tokens"]["review"]["max_length"] == 24  # the model's own limit
    assert manifest["parity"]["label_flips"] == 0
    model = mulle.load(tmp_path / "m.mulle")
    odd = [{"review": t} for t in ("좋은 영화", None, "", "😀", "좋은 " * 10_000)]
    answers = model.predict_proba(odd)
    assert answers.shape == (5, 2) and np.isfinite(answers).all()
    np.testing.assert_allclose(model.predict_proba(odd[0])[0], answers[0], atol=1e-5)
    assert (model.predict(table) == table["label"].to_numpy()).all()


@pytest.mark.long
def test_a_file_without_its_tokenizer_is_refused(folder: Path, tmp_path: Path) -> None:
    from mulle.bundle.archive import pack_archive, read_archive

    path = tmp_path / "m.mulle"
    mulle.fit(reviews(), "label", encoder=folder, plan=only_encoder(tmp_path), trials=1, n_jobs=1,
              output=path)  # fmt: skip
    manifest, members = read_archive(path)
    del members["tokenizer.json"]
    path.write_bytes(pack_archive(manifest, members))
    with pytest.raises(BundleError):
        mulle.load(path)


@pytest.mark.long
def test_the_search_tries_tf_idf_the_encoder_and_both(folder: Path) -> None:
    result = mulle.fit(reviews(), "label", encoder=folder, trials=5, n_jobs=1)
    tried = {*(row.name for row in result.packaged.rows)}
    assert {"linear_encoder", "linear_both"} <= tried


def test_a_table_without_texts_goes_on_without_the_encoder(folder: Path) -> None:
    heard = Heard()
    rows = pl.DataFrame({"x": [i % 7 for i in range(60)], "label": [i % 2 for i in range(60)]})
    mulle.fit(rows, "label", encoder=folder, trials=2, preset="quick", n_jobs=1, progress=heard)
    assert "encoder-unused" in heard.codes


def test_a_folder_that_is_no_encoder_is_refused(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(MissingFile) as missing:
        mulle.fit(reviews(), "label", encoder=tmp_path / "nowhere", trials=2, n_jobs=1)
    assert missing.value.code == "pretrained-no-config"
    (folder / "config.json").write_text('{"model_type": "gpt2"}')
    with pytest.raises(DataError) as decoder:
        mulle.fit(reviews(), "label", encoder=folder, trials=2, n_jobs=1)
    assert decoder.value.code == "pretrained-decoder"


def test_the_encoder_of_the_environment_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MULLE_ENCODER", "/models/a")
    assert (encoder_of(None), encoder_of("b"), encoder_of("")) == ("/models/a", "b", None)
    monkeypatch.delenv("MULLE_ENCODER")
    assert encoder_of(None) is None


def test_plans_of_another_run_get_the_encoder_of_this_one() -> None:
    steps = [{"step": "Embed", "encoder": "old"}, {"step": "StandardScale"}]
    plan = Plan("p", "linear", [Features(["review"], steps)])
    (features,) = with_encoder(plan, "new").features
    assert features.steps == [{"step": "Embed", "encoder": "new"}, {"step": "StandardScale"}]
    assert with_encoder(plan, "") == plan
