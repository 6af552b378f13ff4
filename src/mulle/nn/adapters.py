"""Adapting a trained network through few numbers: freezing, LoRA, its merge, and its files.

    nn.lora(net, rank=8, on=["*.q_proj", "*.v_proj"], train=["head*"])
    nn.train(net, (x, y), loss="cross_entropy", epochs=3)
    nn.save_adapter(net, "adapter/")            # peft reads it
    nn.merge(net)                               # a plain network again, with the same answers

A pattern is matched against the paths of the modules, as `net.named_modules()` names them, and of
the projections of attention, which share one weight: `q_proj`, `k_proj`, `v_proj` below its path.

Source: Hu et al. 2021, arXiv:2106.09685.

catalogue  adapt-lora adapt-lora-merge adapt-peft adapt-freeze
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any, cast

import numpy as np

from mulle.errors import DataError, MissingFile, UsageError
from mulle.files import write_bytes, write_text
from mulle.nn.layers.attention import MultiheadAttention
from mulle.nn.layers.linear import Linear
from mulle.nn.layers.lora import PROJECTIONS, LoraAttention, LoraLinear, LowRank
from mulle.nn.module import MAX_NAMES_LISTED, Module, as_like, is_parameter
from mulle.nn.tensor import as_numpy
from mulle.nn.weights import read

Rename = Callable[[str], str]
_WEIGHTS, _CONFIG = "adapter_model.safetensors", "adapter_config.json"
_PREFIX = "base_model.model."  # of every name in peft's files
# Settings of peft that make another computation than LoRA's; each with its harmless values.
_PLAIN: dict[str, tuple[Any, ...]] = {
    "use_rslora": (None, False), "use_dora": (None, False), "bias": (None, "none"),
    "rank_pattern": (None, {}), "alpha_pattern": (None, {}), "layers_to_transform": (None,),
    "target_parameters": (None, []),
}  # fmt: skip


def freeze(net: Module, on: Iterable[str] = ("*",)) -> Module:
    """Freeze the modules that a pattern names, with all that is in them, and return the network.

    Their parameters are not learned, and they stay as at inference, running statistics and dropout
    too, when the network is set to training.

    Raises:
        UsageError: a pattern names no module.
    """
    modules = dict(net.named_modules())
    for path in _matching(_paths(net), on):
        for module in modules[path].modules():
            module.frozen, module.training = True, False
        _require_grad(modules[path], False)
    return net


def lora(
    net: Module,
    rank: int = 8,
    alpha: float = 16.0,
    on: Iterable[str] = ("*",),
    *,
    dropout: float = 0.0,
    train: Iterable[str] = (),
) -> Module:
    """Freeze a network but for low-rank changes of some of its layers, in place, and return it.

    Args:
        net: whose dense layers and attentions are changed.
        rank: of the changes.
        alpha: what a change is multiplied by, over the rank.
        on: patterns of the layers' paths; all of them where none is given.
        dropout: share of a layer's input that its change does not see in training.
        train: patterns of modules that are learned whole, as the head of a new task.

    Raises:
        UsageError: the rank is not positive, a pattern names no layer, or the network has changes.
    """
    if rank < 1:
        raise UsageError("lora-rank", rank=rank)
    if any(True for _ in _changes(net)):
        raise UsageError("lora-twice")
    whole = _matching(_paths(net), train)
    chosen = [path for path in _matching(_targets(net), on) if not _is_within(path, whole)]
    device = _device_of(net)
    _require_grad(net, False)
    modules = dict(net.named_modules())
    for path in whole:
        _require_grad(modules[path], True)
    _change(net, chosen, {"rank": rank, "alpha": alpha, "dropout": dropout})
    for _, change in list(_changes(net)):
        for part in (change.lora_A, change.lora_B):
            part.to(device)
    return net


def merge(net: Module) -> Module:
    """Add the low-rank changes to the weights, in place, and return the network without them.

    Answers stay as they were but for rounding, and cost no more than before. All is learned again.
    """
    for module in list(net.modules()):
        if isinstance(module, LoraLinear | LoraAttention):
            _replace(net, module, module.merged())
    _require_grad(net, True)
    return net


def _require_grad(net: Module, wanted: bool) -> None:  # noqa: FBT001
    for parameter in net.parameters():
        parameter.requires_grad = wanted


def save_adapter(net: Module, folder: str | Path, rename: Rename = str) -> None:
    """Write what `lora` made learn, in peft's layout: the changes, and the layers learned whole.

    Args:
        net: to which `lora` was applied.
        folder: for `adapter_config.json` and `adapter_model.safetensors`.
        rename: gives the path of a module in the network that peft knows; the same by default.

    Raises:
        UsageError: the network has no changes.
        RunError: the disk is full, or the folder cannot be written to.
    """
    from safetensors.numpy import save as as_bytes

    changes = dict(_changes(net))
    if not changes:
        raise UsageError("lora-missing")
    first = next(iter(changes.values()))
    learned = list(_learned(net))
    whole = dict.fromkeys(rename(path) for path, name, _ in learned if ".lora_" not in f".{name}")
    config = {
        "peft_type": "LORA", "r": first.rank, "lora_alpha": first.alpha,
        "lora_dropout": first.dropout.p, "target_modules": sorted(map(rename, changes)),
        "modules_to_save": sorted(whole) or None, "bias": "none", "fan_in_fan_out": False,
        "inference_mode": True, "task_type": None, "base_model_name_or_path": None,
    }  # fmt: skip
    arrays = {
        f"{_PREFIX}{rename(path)}.{name}": np.asarray(as_numpy(value), order="C")
        for path, name, value in learned
    }
    write_bytes(Path(folder) / _WEIGHTS, as_bytes(arrays, {"format": "pt"}))
    write_text(Path(folder) / _CONFIG, json.dumps(config, indent=2) + "\n")


def load_adapter(net: Module, folder: str | Path, rename: Rename = str) -> Module:
    """Apply the changes of a folder to a network without any, and return it.

    Args:
        net: the network that was adapted, as it was before.
        folder: that `save_adapter` or peft wrote.
        rename: gives the path of a module in the network that peft knows; the same by default.

    Raises:
        MissingFile: one of the two files is not there.
        DataError: a file is damaged, of another kind of adapter, or of another network.
    """
    folder = Path(folder)
    config = _config(folder / _CONFIG)
    arrays = {name.removeprefix(_PREFIX): a for name, a in read(folder / _WEIGHTS)[0].items()}
    paths = {rename(path): path for path in [*_targets(net), *_paths(net)]}
    places = {name: name.rpartition(".lora_")[0] or name.rpartition(".")[0] for name in arrays}
    unknown = sorted(name for name, place in places.items() if place not in paths)
    if unknown:
        raise DataError("adapter-unknown", where=folder, names=unknown)
    changed = dict.fromkeys(paths[place] for name, place in places.items() if ".lora_" in name)
    whole = dict.fromkeys(paths[place] for name, place in places.items() if ".lora_" not in name)
    lora(
        net, config["r"], config["lora_alpha"], [_literal(path) for path in changed],
        dropout=config.get("lora_dropout") or 0.0, train=[_literal(path) for path in whole],
    )  # fmt: skip
    own = {f"{rename(path)}.{name}": value for path, name, value in _learned(net)}
    differ = sorted(own.keys() ^ arrays.keys()) or sorted(
        name for name, value in own.items() if tuple(value.shape) != arrays[name].shape
    )
    if differ:
        raise DataError("adapter-unknown", where=folder, names=differ)
    for name, value in own.items():
        value.data[...] = as_like(arrays[name], value.data)
    return net


def _config(path: Path) -> dict[str, Any]:
    """Return the settings of an adapter that is LoRA's and nothing else."""
    if not path.is_file():
        raise MissingFile("weights-missing", where=str(path.parent), name=path.name)
    try:
        config: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        sound = config["peft_type"] == "LORA" and config["r"] >= 1 and config["lora_alpha"] > 0
    except (ValueError, KeyError, TypeError) as error:
        raise DataError("weights-damaged", where=str(path), name=path.name, error=error) from error
    other = [name for name, plain in _PLAIN.items() if config.get(name) not in plain]
    if not sound or other:
        raise DataError("adapter-kind", where=path, names=other or [config["peft_type"]])
    return config


def _paths(net: Module) -> list[str]:
    return [path for path, _ in net.named_modules() if path]


def _targets(net: Module) -> Iterator[str]:
    """Yield the paths of what a change can be made of."""
    for path, module in net.named_modules():
        if path and type(module) is Linear:
            yield path
        elif path and type(module) is MultiheadAttention:
            yield from (f"{path}.{name}" for name in PROJECTIONS)


def _literal(path: str) -> str:
    """Return a pattern that names a path and nothing else."""
    return path.replace("[", "[[]")


def _matching(paths: Iterable[str], patterns: Iterable[str]) -> list[str]:
    """Return the paths that a pattern names, each once.

    Raises:
        UsageError: a pattern names none.
    """
    known, found = list(paths), list[str]()
    for pattern in patterns:
        named = [path for path in known if fnmatchcase(path, pattern)]
        if not named:
            raise UsageError("module-unknown", pattern=pattern, known=known[:MAX_NAMES_LISTED])
        found += named
    return list(dict.fromkeys(found))


def _is_within(path: str, modules: Iterable[str]) -> bool:
    return any(path == module or path.startswith(f"{module}.") for module in modules)


def _change(net: Module, chosen: Iterable[str], settings: Mapping[str, Any]) -> None:
    """Put changes beside the chosen layers."""
    modules, parts = dict(net.named_modules()), dict[str, list[str]]()
    for path in chosen:
        if path in modules:
            layer = cast(Linear, modules[path])
            _replace(net, layer, LoraLinear(layer, **settings))
        else:
            owner, _, name = path.rpartition(".")
            parts.setdefault(owner, []).append(name)
    for owner, names in parts.items():
        attention = cast(MultiheadAttention, modules[owner])
        _replace(net, attention, LoraAttention(attention, dict.fromkeys(names, settings)))


def _replace(net: Module, old: Module, new: Module) -> None:
    """Put a module in the place of another wherever it stands."""
    for owner in list(net.modules()):
        for name, value in list(vars(owner).items()):
            if value is old:
                setattr(owner, name, new)
            elif isinstance(value, list | tuple) and any(part is old for part in value):
                setattr(owner, name, [new if part is old else part for part in value])


def _changes(net: Module) -> Iterator[tuple[str, LowRank]]:
    """Yield the low-rank changes with the paths of what they change."""
    for path, module in net.named_modules():
        if isinstance(module, LowRank):
            yield path, module


def _learned(net: Module) -> Iterator[tuple[str, str, Any]]:
    """Yield what is not as it was before: a layer's path, a name within, the parameter or buffer.

    That is what changes consist of, and all of the modules that are learned whole.
    """
    changes = [path for path, _ in _changes(net)]
    state = list(net._named_state())
    learned = {id(m) for _, m, _, value in state if is_parameter(value) and value.requires_grad}
    for full, module, name, value in state:
        if id(module) in learned:
            change = next((path for path in changes if _is_within(full, [path])), None)
            path = full.removesuffix(f".{name}") if change is None else change
            yield path, full.removeprefix(f"{path}."), value


def _device_of(net: Module) -> str:
    """Return the device on which a network's parameters are, as `Module.to` names it."""
    data = net.parameters()[0].data
    library = type(data).__module__.partition(".")[0]
    return f"torch:{data.device.type}" if library == "torch" else library
