"""Load a folder of a pretrained model as a network of this engine; nothing is ever fetched.

    net = nn.from_pretrained("models/all-MiniLM-L6-v2")
    tokens = read_tokenizer(Path("models/all-MiniLM-L6-v2"))(["물레는 실을 잣는다."])
    net(tokens.ids, tokens.mask)             # (1, t, 384)

catalogue  adapt-hf-auto adapt-hub
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np

from mulle.errors import DataError, UnknownName
from mulle.nn import init
from mulle.nn.module import Module
from mulle.nn.pretrained.architecture import Architecture, generalize
from mulle.nn.pretrained.bert import BERT, DISTILBERT, ELECTRA, ROBERTA
from mulle.nn.pretrained.checkpoint import Checkpoint
from mulle.nn.pretrained.config import Config, read_config
from mulle.nn.pretrained.gpt2 import GPT2
from mulle.nn.pretrained.llama import LLAMA
from mulle.nn.pretrained.vit import VIT

MAX_NAMES_LISTED = 3

#: `model_type` in config.json -> architecture
ARCHITECTURES: dict[str, Architecture] = {
    "bert": BERT,
    "camembert": ROBERTA,
    "distilbert": DISTILBERT,
    "electra": ELECTRA,
    "gpt2": GPT2,
    "llama": LLAMA,
    "roberta": ROBERTA,
    "vit": VIT,
    "xlm-roberta": ROBERTA,
}

# Names that LayerNorm had in the first checkpoints.
_OLD_NAMES = {"weight": "gamma", "bias": "beta"}


def from_pretrained(folder: str | Path) -> Module:
    """Load the network of a folder with `config.json` and `model.safetensors`.

    Args:
        folder: as Hugging Face lays it out.

    Returns:
        The network, in NumPy, in inference mode.

    Raises:
        MissingFile: the folder lacks its settings or weights, or has them as a pickle alone.
        UnknownName: the architecture is none of `ARCHITECTURES`.
        DataError: a file is damaged, asks for code, or its settings or weights are others than
            those of the architecture.
    """
    folder = Path(folder).expanduser()
    config = read_config(folder)
    architecture = find_architecture(config)
    checkpoint = Checkpoint(folder)
    with init.skipped():
        try:
            network = architecture.build(config)
        except MemoryError as error:
            raise DataError("pretrained-large", where=config.where) from error
    _fill(network, checkpoint, architecture, where=str(folder))
    return network.eval()


def find_architecture(config: Config) -> Architecture:
    """Return the architecture that a config names.

    Raises:
        UnknownName: there is none of that name.
    """
    name = config.model_type
    if name not in ARCHITECTURES:
        raise UnknownName(
            "pretrained-unknown", "architecture", name or "?", ARCHITECTURES, where=config.where
        )
    return ARCHITECTURES[name]


def names_in(folder: str | Path) -> Callable[[str], str]:
    """Return what gives the path of a module of ours in the network that a folder was made from.

        net = nn.lora(nn.from_pretrained(folder), on=["*.query", "*.value"])
        nn.save_adapter(net, "adapter", rename=names_in(folder))    # peft reads it

    Args:
        folder: as Hugging Face lays it out.

    Raises:
        MissingFile: the folder lacks its settings or weights.
        UnknownName: the architecture is none of `ARCHITECTURES`.
    """
    folder = Path(folder).expanduser()
    architecture, weights = find_architecture(read_config(folder)), Checkpoint(folder)
    known = {name.rpartition(".")[0] for name in weights}

    def rename(path: str) -> str:
        theirs = architecture.theirs(path)
        return next((p + theirs for p in architecture.prefixes if p + theirs in known), theirs)

    return rename


def _fill(network: Module, weights: Checkpoint, architecture: Architecture, *, where: str) -> None:
    """Copy the weights of a checkpoint into a network of zeros."""
    missing: list[str] = []
    for path, value in network.named_parameters():
        module, _, leaf = path.rpartition(".")
        name = _find(weights, architecture, module, leaf)
        if name is None:
            missing.append(f"{architecture.theirs(module)}.{leaf}")
            continue
        turned = value.ndim == 2 and generalize(module)[0] in architecture.transposed
        found = weights.shape(name)[::-1] if turned else weights.shape(name)
        if found != value.shape:
            raise DataError(
                "state-shape-differs",
                where=where,
                name=name,
                received=str(found),
                expected=str(value.shape),
            )
        array = weights[name]
        value.data[...] = array.T if turned else array
    if missing:
        raise DataError("pretrained-weights-missing", where=where,
                        names=missing[:MAX_NAMES_LISTED], count=len(missing))  # fmt: skip


def _find(
    weights: Mapping[str, np.ndarray], architecture: Architecture, module: str, leaf: str
) -> str | None:
    theirs, leaf = architecture.theirs(module), leaf.removeprefix("in_proj_")
    for prefix in architecture.prefixes:
        for last in (leaf, _OLD_NAMES.get(leaf, leaf)):
            name = f"{prefix}{theirs}.{last}" if theirs else f"{prefix}{last}"
            if name in weights:
                return name
    return None
