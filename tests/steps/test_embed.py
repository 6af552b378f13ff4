"""Vectors of texts by a frozen encoder: looked up, computed once, the same in the graph."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file

from mulle import nn
from mulle.errors import DataError
from mulle.graph import MISSING_STRING, open_session, run
from mulle.nn.pretrained import load_text_model
from mulle.nn.pretrained.bert import BERT
from mulle.nn.pretrained.config import Config
from mulle.steps import Embed
from mulle.steps.encoder import open_encoder, prepare_encoder
from mulle.steps.vocabulary import cut_vocabulary
from mulle.table.tokens import Tokenizer

pytest.importorskip("tokenizers")
WORDS = [
    "[PAD]",
    "[UNK]",
    "[CLS]",
    "[SEP]",
    "좋은",
    "나쁜",
    "영화",
    "이야기",
    "##다",
    "good",
    "bad",
]
TEXTS = ["좋은 영화다", "나쁜 이야기", "good 영화", "", "좋은 좋은 좋은", "bad"]


def tiny_folder(folder: Path) -> Path:
    """A random BERT of two blocks that knows a few words."""
    folder.mkdir(parents=True, exist_ok=True)
    config = {
        "model_type": "bert", "vocab_size": len(WORDS), "hidden_size": 64, "num_hidden_layers": 2,
        "num_attention_heads": 2, "intermediate_size": 96, "max_position_embeddings": 24,
    }  # fmt: skip
    with nn.seeded(3):
        net = BERT.build(Config(config))
    state = {}
    for path, value in net.named_parameters():
        module, _, leaf = path.rpartition(".")
        state[f"{BERT.theirs(module)}.{leaf}"] = value.data
    save_file(state, folder / "model.safetensors")
    (folder / "config.json").write_text(json.dumps(config))
    (folder / "vocab.txt").write_text("\n".join(WORDS), encoding="utf-8")
    (folder / "tokenizer_config.json").write_text('{"do_lower_case": false}')
    return folder


@pytest.fixture
def ready(tmp_path: Path) -> Path:
    open_encoder.cache_clear()
    return prepare_encoder(tiny_folder(tmp_path / "tiny"), tmp_path / "ready").folder


def test_vectors_are_those_of_the_network(ready: Path, tmp_path: Path) -> None:
    model = load_text_model(tmp_path / "tiny")
    ids, mask, _ = model.tokenizer(TEXTS)
    with nn.no_grad():
        exact = model.embedder(ids, mask).data
    found = open_encoder(str(ready)).vectors(TEXTS)
    cosines = (found * exact).sum(1) / np.linalg.norm(found, axis=1) / np.linalg.norm(exact, axis=1)
    assert cosines.min() > 0.999  # the weights are packed into 8 bits


def test_each_distinct_text_is_embedded_once_and_kept(ready: Path) -> None:
    encoder = open_encoder(str(ready))
    told: list[int] = []
    done = encoder.embed(TEXTS * 3, forecast=lambda texts, seconds: told.append(texts))
    assert (done, told) == (len(TEXTS), [len(TEXTS)])
    open_encoder.cache_clear()
    again = open_encoder(str(ready))
    again._compute = None  # type: ignore[assignment,method-assign] # nothing is computed anew
    assert again.embed(TEXTS) == 0
    np.testing.assert_allclose(again.vectors(TEXTS), encoder.vectors(TEXTS), rtol=0, atol=1e-6)


def test_the_step_is_the_same_in_a_graph(ready: Path) -> None:
    from spox import Tensor, argument

    from mulle.graph import g, to_model, unwrap, wrap

    step = Embed(encoder=str(ready))
    x = np.array([[t] for t in [*TEXTS, MISSING_STRING]], object)
    vectors = step.fit(x).transform(x)
    assert vectors.shape == (7, 64) and len(step.get_feature_names_out(["review"])) == 64
    np.testing.assert_array_equal(vectors[-1], vectors[3])  # missing is read as nothing
    encoder = open_encoder(str(ready))
    ids = argument(Tensor(np.int64, ("N", "T")))
    out = step.transform(wrap(encoder.inline(ids)))
    graph = to_model({"tokens": ids}, {"y": g.identity(unwrap(out))})
    rows = encoder.tokenizer([*TEXTS, ""]).ids
    (answer,) = run(open_session(graph), {"tokens": rows})
    np.testing.assert_allclose(answer, vectors, rtol=0, atol=1e-5)
    (alone,) = run(open_session(graph), {"tokens": np.full((2, 1), -1)})
    assert np.isfinite(alone).all()  # no token at all


def test_a_folder_that_was_not_made_ready_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError) as error:
        open_encoder(str(tmp_path))
    assert error.value.code == "encoder-missing"


def test_what_was_made_ready_is_opened(ready: Path, tmp_path: Path) -> None:
    before = (ready / "encoder.onnx").stat().st_mtime_ns
    assert prepare_encoder(tmp_path / "tiny", ready).folder == ready
    assert (ready / "encoder.onnx").stat().st_mtime_ns == before


def unigram(pieces: list[tuple[str, float]]) -> Tokenizer:
    from tokenizers import AddedToken, models, pre_tokenizers
    from tokenizers import Tokenizer as Library
    from tokenizers.processors import TemplateProcessing

    library = Library(models.Unigram([("<unk>", 0.0), *pieces], unk_id=0))
    library.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme="always")
    library.add_special_tokens([AddedToken("</s>", special=True)])
    end = ("</s>", library.token_to_id("</s>"))
    library.post_processor = TemplateProcessing(single="$A </s>", special_tokens=[end])
    return Tokenizer(library.to_str())


LETTERS = [("▁", -9.0), *((c, -9.0) for c in "가나다라abcdef1"), ("</s>", 0.0)]
KOREAN = [("▁가나", -3.0), ("다라", -4.0), ("▁가나다라", -20.0)]
OTHERS = [(f"щ{i}ю", -5.0) for i in range(300)]


def test_a_cut_splits_texts_as_before_and_keeps_single_characters(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    import mulle.steps.vocabulary as module

    monkeypatch.setattr(module, "SMALL", 100)
    monkeypatch.setattr(module, "SIZES", (30,))
    whole = unigram([*LETTERS, *KOREAN, *OTHERS])
    cut = cut_vocabulary(whole, ["가나다라", "가나 a"], ["다라 1", "bcd"])
    assert cut is not None and cut.changed == 0
    small = Tokenizer(cut.definition)
    assert small.size < 40 < whole.size
    for text in ("가나다라", "나라 abc", "щ", "1f"):
        (before,), _ = whole.rows([text])
        (after,), _ = small.rows([text])
        assert cut.kept[after].tolist() == before


def test_no_cut_where_held_out_texts_change_or_little_is_gained(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    import mulle.steps.vocabulary as module

    monkeypatch.setattr(module, "SMALL", 100)
    monkeypatch.setattr(module, "SIZES", (25,))
    whole = unigram([*LETTERS, *KOREAN, *OTHERS])
    assert cut_vocabulary(whole, ["가나"], ["щ250ю"] * 10) is None
    monkeypatch.setattr(module, "SMALL", 100_000)
    assert cut_vocabulary(whole, ["가나"], ["가나"]) is None
