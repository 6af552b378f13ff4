"""`Module`: a network or a part of one, with named parameters; PyTorch's names and behaviour.

    class Net(nn.Module):
        def __init__(self):
            self.first, self.last = nn.Linear(20, 64), nn.Linear(64, 2)

        def forward(self, x):
            return self.last(F.relu(self.first(x)))

Everything assigned to an attribute is found: parameters, buffers, modules, and lists of modules
(named as in a `torch.nn.ModuleList`).

catalogue  keras-sub ad-layers net-ann ad-exclude
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Self

import numpy as np

from mulle.errors import DataError
from mulle.nn.devices import move
from mulle.nn.operation import ShapeError
from mulle.nn.symbol import Placeholder
from mulle.nn.tensor import Buffer, Parameter, as_numpy

Watcher = Callable[["Module", tuple[Any, ...], Any], None]
MAX_NAMES_LISTED = 3
_watchers: list[Watcher] = []


@contextmanager
def watching(watcher: Watcher) -> Iterator[None]:
    """Call `watcher(module, inputs, output)` after each call of each module, for a while."""
    _watchers.append(watcher)
    try:
        yield
    finally:
        _watchers.remove(watcher)


class Module:
    """Base class of networks and their parts; a subclass implements `forward`.

    Attributes:
        training: whether dropout is active and batch statistics are used; see `train` and `eval`.
        frozen: whether it stays as at inference when the network is set to training.
    """

    training: bool = True
    frozen: bool = False

    def forward(self, *inputs: Any, **settings: Any) -> Any:
        """Compute the output of the module."""
        raise NotImplementedError

    def __call__(self, *inputs: Any, **settings: Any) -> Any:
        """Compute the output; on a `Placeholder`, become part of the declared model."""
        if inputs and type(inputs[0]) is Placeholder:
            return Placeholder(self, inputs, settings)
        try:
            output = self.forward(*inputs, **settings)
        except ShapeError as error:
            error.place = self._locate(error)
            raise
        for watcher in _watchers:
            watcher(self, inputs, output)
        return output

    def _locate(self, error: ShapeError) -> str:
        """Return the path of the module that an error arose in; the outermost call decides."""
        if not hasattr(error, "module"):
            error.module = self  # type: ignore[attr-defined]
        names = {id(module): name for name, module in self.named_modules()}
        name = names.get(id(error.module), "")  # type: ignore[attr-defined]
        kind = type(error.module).__name__  # type: ignore[attr-defined]
        return f"{name} ({kind})" if name else kind

    # What it holds

    def named_children(self) -> Iterator[tuple[str, Module]]:
        """Yield the modules directly within this one, with their names."""
        for name, value in vars(self).items():
            if isinstance(value, Module):
                yield name, value
            elif isinstance(value, (list, tuple)):
                for i, part in enumerate(value):
                    if isinstance(part, Module):
                        yield f"{name}.{i}", part

    def named_modules(self, prefix: str = "") -> Iterator[tuple[str, Module]]:
        """Yield this module and all modules within, each once, with their paths."""
        seen: set[int] = set()
        for name, module in self._named_modules(prefix):
            if id(module) not in seen:
                seen.add(id(module))
                yield name, module

    def _named_modules(self, prefix: str) -> Iterator[tuple[str, Module]]:
        yield prefix, self
        for name, child in self.named_children():
            yield from child._named_modules(f"{prefix}.{name}" if prefix else name)

    def modules(self) -> Iterator[Module]:
        """Yield this module and all modules within."""
        return (module for _, module in self.named_modules())

    def _named_state(self) -> Iterator[tuple[str, Module, str, Any]]:
        """Yield every parameter and buffer: its path, its module, its name there, and the value."""
        for path, module in self.named_modules():
            for name, value in vars(module).items():
                if is_parameter(value) or _is_buffer(value):
                    yield (f"{path}.{name}" if path else name), module, name, value

    def named_parameters(self) -> Iterator[tuple[str, Any]]:
        """Yield the parameters, each once, with their paths."""
        seen: set[int] = set()
        for path, _, _, value in self._named_state():
            if is_parameter(value) and id(value) not in seen:
                seen.add(id(value))
                yield path, value

    def parameters(self) -> list[Any]:
        """Return the parameters, each once."""
        return [value for _, value in self.named_parameters()]

    def n_parameters(self) -> int:
        """Return how many numbers the parameters hold."""
        return sum(int(np.prod(p.shape)) for p in self.parameters())

    def n_buffers(self) -> int:
        """Return how many numbers the buffers hold."""
        return sum(int(np.prod(v.shape)) for *_, v in self._named_state() if not is_parameter(v))

    def state_dict(self) -> dict[str, np.ndarray]:
        """Return copies of all parameters and buffers as NumPy arrays, under PyTorch's names."""
        return {path: as_numpy(value).copy() for path, _, _, value in self._named_state()}

    def load_state_dict(self, state: Mapping[str, Any]) -> Self:
        """Load the parameters and buffers that `state_dict` gave, here or in PyTorch.

        Raises:
            DataError: a name is missing or unknown, or a shape differs; the module is unchanged.
        """
        own = {path: value for path, _, _, value in self._named_state()}
        given = {path: as_numpy(value) for path, value in state.items()}
        _refuse_another_model(own, given)
        for path, value in own.items():
            data = value.data
            data[...] = as_like(given[path], data)
        return self

    # Modes and devices

    def train(self, mode: bool = True) -> Self:  # noqa: FBT001 - PyTorch's signature
        """Set the network to training mode, but for what is frozen."""
        for module in self.modules():
            module.training = mode and not module.frozen
        return self

    def eval(self) -> Self:
        """Set the whole network to inference mode: running statistics, no dropout."""
        return self.train(False)

    def zero_grad(self) -> None:
        """Set all gradients to None."""
        for p in self.parameters():
            p.grad = None

    def to(self, device: str) -> Self:
        """Move parameters and buffers to a device: `numpy`, `cupy`, `torch`, `torch:cuda`, ...

        The same model then computes there, in PyTorch with its autograd and optimizers. What is
        frozen stays frozen, and what modules share stays shared.

        Raises:
            MissingExtra: the library is not installed.
            UnknownName: there is no such device.
        """
        moved: dict[int, Any] = {}  # what several modules share stays shared
        for _, module, name, value in list(self._named_state()):
            if id(value) not in moved:
                moved[id(value)] = move(value, device, learned=is_parameter(value))
            setattr(module, name, moved[id(value)])
        return self

    def __repr__(self) -> str:
        inside = [f"  ({n}): {m!r}".replace("\n", "\n  ") for n, m in self.named_children()]
        return "\n".join([f"{type(self).__name__}(", *inside, ")"]) if inside else self._line()

    def _line(self) -> str:
        sizes = (f"{n} {tuple(v.shape)}" for n, v in vars(self).items() if is_parameter(v))
        return f"{type(self).__name__}({', '.join(sizes)})"


def is_parameter(value: Any) -> bool:
    """Return whether a value is a `Parameter`, of the engine or of PyTorch."""
    return isinstance(value, Parameter) or type(value).__name__ == "Parameter"


def _is_buffer(value: Any) -> bool:
    return isinstance(value, Buffer) or type(value).__module__ == "torch"


def as_like(values: np.ndarray, other: Any) -> Any:
    """Convert an array to the library and device of `other`."""
    if type(other).__module__ == "torch":
        import torch

        return torch.as_tensor(values, device=other.device)
    return np.asarray(values, like=other)


def _refuse_another_model(own: Mapping[str, Any], given: Mapping[str, np.ndarray]) -> None:
    missing = sorted(own.keys() - given.keys())[:MAX_NAMES_LISTED]
    unknown = sorted(given.keys() - own.keys())[:MAX_NAMES_LISTED]
    if missing and unknown:
        raise DataError("state-names-differ", missing=missing, unknown=unknown)
    if missing:
        raise DataError("state-names-missing", missing=missing)
    if unknown:
        raise DataError("state-names-unknown", unknown=unknown)
    for name, value in own.items():
        received, expected = given[name].shape, tuple(value.shape)
        if received != expected:
            raise DataError(
                "state-shape-differs", name=name, received=str(received), expected=str(expected)
            )
