"""What is in a folder: read as it is meant, or refused in a sentence; nothing runs code."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import save_file

from mulle import nn
from mulle.errors import DataError, MissingFile, MulleError, UnknownName
from mulle.nn.pretrained import load_text_model, survey
from mulle.nn.pretrained.bert import BERT
from mulle.nn.pretrained.config import Config
from mulle.nn.pretrained.pool import read_pooling, read_prefix

CONFIG: dict[str, Any] = {
    "model_type": "bert", "vocab_size": 20, "hidden_size": 8, "num_hidden_layers": 2,
    "num_attention_heads": 2, "intermediate_size": 16, "max_position_embeddings": 10,
    "hidden_act": "gelu",
}  # fmt: skip


def weights(**changes: Any) -> dict[str, np.ndarray]:
    """Those of a BERT, under the names of its checkpoints."""
    with nn.seeded(1):
        net = BERT.build(Config(CONFIG))
    named = {}
    for path, value in net.named_parameters():
        module, _, leaf = path.rpartition(".")
        named[f"bert.{BERT.theirs(module)}.{leaf}"] = value.data.copy()
    return named | changes


def write(folder: Path, config: dict[str, Any], state: dict[str, np.ndarray] | None) -> Path:
    (folder / "config.json").write_text(json.dumps(config), encoding="utf-8")
    if state is not None:
        save_file(state, folder / "model.safetensors")
    return folder


def answer(folder: Path) -> np.ndarray:
    with nn.no_grad():
        return np.asarray(nn.from_pretrained(folder)(np.array([[1, 2, 3]])).data)


def refusal(folder: Path) -> MulleError:
    with pytest.raises(MulleError) as error:
        nn.from_pretrained(folder)
    return error.value


def test_old_names_of_normalizations_are_read(tmp_path: Path) -> None:
    (tmp_path / "new").mkdir(), (tmp_path / "old").mkdir()
    old = {
        k.replace("LayerNorm.weight", "LayerNorm.gamma").replace(
            "LayerNorm.bias", "LayerNorm.beta"
        ): v
        for k, v in weights().items()
    }
    assert any(k.endswith("gamma") for k in old)
    given = answer(write(tmp_path / "old", CONFIG, old))
    np.testing.assert_array_equal(given, answer(write(tmp_path / "new", CONFIG, weights())))


def test_shards_are_read_as_one(tmp_path: Path) -> None:
    (tmp_path / "whole").mkdir(), (tmp_path / "parts").mkdir()
    state = weights()
    names = sorted(state)
    write(tmp_path / "parts", CONFIG, None)
    where = {}
    for i, part in enumerate((names[::2], names[1::2])):
        file = f"model-0000{i + 1}-of-00002.safetensors"
        save_file({k: state[k] for k in part}, tmp_path / "parts" / file)
        where |= dict.fromkeys(part, file)
    index = tmp_path / "parts" / "model.safetensors.index.json"
    index.write_text(json.dumps({"weight_map": where}))
    whole = answer(write(tmp_path / "whole", CONFIG, state))
    np.testing.assert_array_equal(answer(tmp_path / "parts"), whole)
    (tmp_path / "parts" / file).unlink()
    assert refusal(tmp_path / "parts").code == "pretrained-shard"
    index.write_text(json.dumps({"weight_map": {"a": "../whole/model.safetensors"}}))
    assert refusal(tmp_path / "parts").code == "pretrained-shard"


@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
def test_halves_are_widened(tmp_path: Path, dtype: str) -> None:
    torch = pytest.importorskip("torch")
    from safetensors.torch import save_file as save_torch

    halves = {k: torch.tensor(v).to(getattr(torch, dtype)) for k, v in weights().items()}
    write(tmp_path, CONFIG, None)
    save_torch(halves, tmp_path / "model.safetensors")
    net = nn.from_pretrained(tmp_path)
    expected = halves["bert.encoder.layer.1.output.dense.weight"].float().numpy()
    np.testing.assert_array_equal(net.blocks[1].linear2.weight.data, expected)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"auto_map": {"AutoModel": "modeling_x.X"}}, "pretrained-code"),
        ({"position_embedding_type": "relative_key"}, "pretrained-setting"),
        ({"is_decoder": True}, "pretrained-setting"),
        ({"hidden_act": "quick_gelu"}, "pretrained-setting"),
        ({"hidden_size": -1}, "pretrained-number"),
        ({"hidden_size": 10**12}, "pretrained-number"),
        ({"hidden_size": 3.5}, "pretrained-number"),
        ({"num_hidden_layers": 3}, "pretrained-weights-missing"),
        ({"vocab_size": 21}, "state-shape-differs"),
        ({"num_attention_heads": 3}, "attention-heads"),
        ({"model_type": "mamba"}, "pretrained-unknown"),
        ({"model_type": None}, "pretrained-unknown"),
    ],
)
def test_what_is_not_plain_is_refused(tmp_path: Path, changes: dict[str, Any], code: str) -> None:
    error = refusal(write(tmp_path, CONFIG | changes, weights()))
    assert error.code == code
    assert error.what and error.fix


def test_a_pickle_alone_is_refused_unread(tmp_path: Path) -> None:
    write(tmp_path, CONFIG, None)
    (tmp_path / "pytorch_model.bin").write_bytes(b"\x80\x04not a pickle at all")
    error = refusal(tmp_path)
    assert error.code == "pretrained-pickle"
    assert "save_pretrained" in error.fix


def test_folders_without_what_is_needed_are_refused(tmp_path: Path) -> None:
    assert refusal(tmp_path).code == "pretrained-no-config"
    assert refusal(write(tmp_path, CONFIG, None)).code == "pretrained-no-weights"
    (tmp_path / "model.safetensors").write_bytes(b"\x00" * 50)
    assert refusal(tmp_path).code == "weights-damaged"
    (tmp_path / "config.json").write_text("[1, 2")
    assert refusal(tmp_path).code == "pretrained-json"
    assert isinstance(refusal(tmp_path), DataError)


def test_integers_are_no_weights(tmp_path: Path) -> None:
    name = "bert.embeddings.LayerNorm.weight"
    write(tmp_path, CONFIG, weights(**{name: np.ones(8, np.int64)}))
    assert refusal(tmp_path).code == "pretrained-dtype"


def test_a_decoder_gives_no_vectors(tmp_path: Path) -> None:
    write(tmp_path, {"model_type": "gpt2"}, None)
    with pytest.raises(DataError) as error:
        load_text_model(tmp_path)
    assert error.value.code == "pretrained-decoder"


def test_pooling_and_prefix_are_what_the_folder_says(tmp_path: Path) -> None:
    assert read_pooling(tmp_path) == ("mean", False)
    sort = "sentence_transformers.models"
    entries = [
        {"type": f"{sort}.Transformer", "path": ""},
        {"type": f"{sort}.Pooling", "path": "1"},
    ]
    (tmp_path / "modules.json").write_text(json.dumps(entries))
    (tmp_path / "1").mkdir()
    (tmp_path / "1" / "config.json").write_text('{"pooling_mode_cls_token": true}')
    assert read_pooling(tmp_path) == ("cls", False)
    (tmp_path / "1" / "config.json").write_text('{"pooling_mode_max_tokens": true}')
    with pytest.raises(DataError):
        read_pooling(tmp_path)
    assert read_prefix(tmp_path, Config({})) == ""
    assert read_prefix(tmp_path, Config({"_name_or_path": "intfloat/e5-small"})) == "query: "


def test_a_survey_lists_what_loads_and_what_does_not(tmp_path: Path) -> None:
    pytest.importorskip("tokenizers")
    for name in ("good", "bad", "empty"):
        (tmp_path / name).mkdir()
    write(tmp_path / "good", CONFIG, weights())
    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "영", "##화", "가", "##나"]
    (tmp_path / "good" / "vocab.txt").write_text("\n".join(words), encoding="utf-8")
    (tmp_path / "good" / "tokenizer_config.json").write_text('{"do_lower_case": false}')
    (tmp_path / "good" / "LICENSE").write_text("Apache License\n")
    write(tmp_path / "bad", CONFIG | {"auto_map": {}}, weights())
    bad, good = survey(tmp_path)
    assert bad.problem is not None and bad.problem.code == "pretrained-code"
    assert (good.architecture, good.sort, good.licence) == (
        "BERT",
        "text encoder",
        "Apache License",
    )
    assert good.parameters == sum(v.size for v in weights().values())
    assert good.hangul is not None and good.hangul.unknown > 0.5 and not good.hangul.apart
    assert good.milliseconds is not None and good.milliseconds > 0


def test_errors_say_which_architectures_there_are(tmp_path: Path) -> None:
    error = refusal(write(tmp_path, CONFIG | {"model_type": "robert"}, weights()))
    assert isinstance(error, UnknownName)
    assert "roberta" in error.fix


def test_missing_folder(tmp_path: Path) -> None:
    assert isinstance(refusal(tmp_path / "nowhere"), MissingFile)
