"""Frozen and unreached parameters stay where they are, and the others go PyTorch's way."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mulle import nn
from mulle.nn import clip
from mulle.nn.optim import OPTIMIZERS, groups, optimizer
from mulle.nn.regularize import Penalty

F = nn.functional
STEPS = 24
EXACT = 1e-12
CLOSURES = {name for name, kind in OPTIMIZERS.items() if kind.wants_closure}
SETTINGS: dict[str, list[dict[str, Any]]] = {
    "sgd": [
        {"lr": 0.1},
        {"lr": 0.1, "weight_decay": 0.1},
        {"lr": 0.05, "momentum": 0.9},
        {"lr": 0.05, "momentum": 0.9, "dampening": 0.3, "weight_decay": 0.1},
        {"lr": 0.05, "momentum": 0.9, "nesterov": True, "weight_decay": 0.1},
    ],
    "adagrad": [
        {"lr": 0.1},
        {"lr": 0.1, "lr_decay": 0.1, "weight_decay": 0.1, "initial_accumulator_value": 0.1},
    ],
    "rmsprop": [
        {"lr": 0.01},
        {"lr": 0.01, "momentum": 0.9, "centered": True, "weight_decay": 0.1},
    ],
    "adam": [{"lr": 0.02}, {"lr": 0.02, "weight_decay": 0.1}],
    "adamw": [{"lr": 0.02, "weight_decay": 0.0}, {"lr": 0.02, "weight_decay": 0.5}],
    "nadam": [{"lr": 0.02}, {"lr": 0.02, "weight_decay": 0.1, "momentum_decay": 0.02}],
}
CASES = [(name, setting) for name, settings in SETTINGS.items() for setting in settings]


class Net(nn.Module):
    """Three layers, and one that is used in some steps only."""

    def __init__(self) -> None:
        self.first, self.second = nn.Linear(5, 7), nn.Linear(7, 7)
        self.spare, self.last = nn.Linear(7, 7), nn.Linear(7, 3)

    def forward(self, x: Any, spare: bool = False) -> Any:
        h = F.tanh(self.second(F.tanh(self.first(x))))
        return self.last(F.tanh(self.spare(h)) if spare else h)


# What is frozen in a step (names that begin so), and whether the spare layer is used.
Plan = Callable[[int], tuple[tuple[str, ...], bool]]
PLANS: dict[str, Plan] = {
    "frozen from the start": lambda t: (("first.",), True),
    "frozen midway": lambda t: (("first.", "last.bias") if t >= 8 else (), True),
    "unfrozen midway": lambda t: (("second.",) if t < 8 else (), True),
    "frozen for a while": lambda t: (("first.weight", "second.bias") if 6 <= t < 15 else (), True),
    "never reached": lambda t: ((), False),
    "reached now and then": lambda t: ((), t % 3 == 1),
    "both": lambda t: (("first.",) if 5 <= t < 12 else ("second.weight",), t % 4 == 0),
}


@pytest.fixture(autouse=True)
def exact_pytorch() -> Iterator[None]:
    """Let PyTorch keep single numbers, such as NAdam's product, in float64 too."""
    torch = pytest.importorskip("torch")
    torch.set_num_threads(1)
    torch.set_default_dtype(torch.float64)
    yield
    torch.set_default_dtype(torch.float32)


def network(device: str = "numpy") -> Net:
    nn.manual_seed(1)
    net = Net()
    for p in net.parameters():
        p.data = p.data.astype(np.float64)
    return net.to(device)


def data() -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    return rng.normal(size=(30, 5)), rng.integers(3, size=30)


def freeze(net: nn.Module, names: tuple[str, ...]) -> None:
    for name, p in net.named_parameters():
        p.requires_grad = not name.startswith(names) if names else True


def batch(net: nn.Module, t: int, size: int = 10) -> tuple[Any, Any]:
    x, y = data()
    rows = slice(size * t % 30, size * t % 30 + size)
    if type(net.parameters()[0]).__module__.startswith("torch"):
        torch = pytest.importorskip("torch")
        return torch.tensor(x[rows]), torch.tensor(y[rows])
    return nn.Tensor(x[rows]), y[rows]


def path(
    net: Net, opt: Any, plan: Plan, before_step: Any = None, steps: range = range(STEPS)
) -> list[dict[str, np.ndarray]]:
    """All parameters after each step; those frozen or unreached have kept every bit."""
    states = [net.state_dict()]
    for t in steps:
        names, spare = plan(t)
        freeze(net, names)
        x, y = batch(net, t)
        opt.zero_grad()
        loss = F.cross_entropy(net(x, spare), y)
        loss.backward()
        if before_step is not None:
            before_step(net, opt)
        opt.step()
        states.append(net.state_dict())
        still = [n for n in states[0] if n.startswith(names or "-")]
        if before_step is None and not spare:
            still += ["spare.weight", "spare.bias"]
        for name in still:
            assert (states[-1][name] == states[-2][name]).all(), f"{name} moved at step {t}"
    return states


def agree(ours: list[dict[str, np.ndarray]], theirs: list[dict[str, np.ndarray]]) -> None:
    for t, (a, b) in enumerate(zip(ours, theirs, strict=True)):
        for name, value in a.items():
            np.testing.assert_allclose(
                value, b[name], rtol=EXACT, atol=EXACT, err_msg=f"{name}, step {t}"
            )
    assert any((ours[0][name] != ours[-1][name]).any() for name in ours[0])


def pytorchs(name: str, net: nn.Module, **setting: Any) -> Any:
    torch = pytest.importorskip("torch")
    return getattr(torch.optim, OPTIMIZERS[name].__name__)(net.parameters(), **setting)


def test_every_optimizer_is_compared() -> None:
    assert set(SETTINGS) | CLOSURES == set(OPTIMIZERS)


@pytest.mark.parametrize("plan", PLANS)
@pytest.mark.parametrize(("name", "setting"), CASES)
def test_the_step_is_pytorchs(name: str, setting: dict[str, Any], plan: str) -> None:
    net, theirs, moved = network(), network("torch"), network("torch")
    ours = path(net, optimizer(name, net.parameters(), **setting), PLANS[plan])
    expected = path(theirs, pytorchs(name, theirs, **setting), PLANS[plan])
    agree(ours, expected)
    agree(path(moved, optimizer(name, moved.parameters(), **setting), PLANS[plan]), expected)


@pytest.mark.parametrize("plan", PLANS)
@pytest.mark.parametrize("name", SETTINGS)
def test_groups_freeze_the_same_way(name: str, plan: str) -> None:
    net, theirs = network(), network("torch")
    factors = {"*.bias": (0.5, 0.0), "first.*": (3.0, 2.0)}
    opt = optimizer(name, groups(net, factors), lr=0.01, weight_decay=0.1)
    ours = path(net, opt, PLANS[plan])
    named = dict(theirs.named_parameters())
    biases = [p for n, p in named.items() if n.endswith("bias")]
    rest = [p for n, p in named.items() if n.endswith("weight") and not n.startswith("first")]
    torch = pytest.importorskip("torch")
    peer = getattr(torch.optim, OPTIMIZERS[name].__name__)(
        [
            {"params": biases, "lr": 0.005, "weight_decay": 0.0},
            {"params": [named["first.weight"]], "lr": 0.03, "weight_decay": 0.2},
            {"params": rest},
        ],
        lr=0.01,
        weight_decay=0.1,
    )
    agree(ours, path(theirs, peer, PLANS[plan]))


@pytest.mark.parametrize("plan", PLANS)
@pytest.mark.parametrize("how", ["clip_norm", "clip_each_norm", "clip_value"])
def test_clipping_leaves_out_what_has_no_gradient(how: str, plan: str) -> None:
    torch = pytest.importorskip("torch")
    utils = torch.nn.utils

    def theirs(net: nn.Module, _: Any) -> None:
        ps = net.parameters()
        if how == "clip_norm":
            utils.clip_grad_norm_(ps, 0.05)
        elif how == "clip_value":
            utils.clip_grad_value_(ps, 0.01)
        else:
            for p in ps:
                utils.clip_grad_norm_([p], 0.05)

    def ours(_: nn.Module, opt: Any) -> None:
        getattr(clip, how)(opt, 0.01 if how == "clip_value" else 0.05)

    net, peer = network(), network("torch")
    setting = {"lr": 0.02, "weight_decay": 0.1}
    agree(
        path(net, optimizer("adamw", net.parameters(), **setting), PLANS[plan], ours),
        path(peer, pytorchs("adamw", peer, **setting), PLANS[plan], theirs),
    )


@pytest.mark.parametrize("device", ["numpy", "torch"])
@pytest.mark.parametrize("plan", PLANS)
@pytest.mark.parametrize("name", ["sgd", "adamw"])
def test_a_penalty_is_a_term_of_the_loss(name: str, plan: str, device: str) -> None:
    """PyTorch's autograd of the formula: the penalty reaches all parameters but the frozen."""
    penalty = Penalty(l1=0.01, l2=0.03)
    values: dict[str, list[float]] = {"ours": [], "theirs": []}

    def ours(_: nn.Module, opt: Any) -> None:
        values["ours"].append(penalty.apply(opt))

    def theirs(net: nn.Module, _: Any) -> None:
        ps = net.parameters()
        value = sum(penalty.l1 * p.abs().sum() + penalty.l2 * (p * p).sum() for p in ps)
        value.backward()
        values["theirs"].append(value.item())

    net, peer = network(device), network("torch")
    agree(
        path(net, optimizer(name, net.parameters(), lr=0.02), PLANS[plan], ours),
        path(peer, pytorchs(name, peer, lr=0.02), PLANS[plan], theirs),
    )
    np.testing.assert_allclose(values["ours"], values["theirs"], rtol=EXACT)


@pytest.mark.parametrize("plan", PLANS)
@pytest.mark.parametrize("device", ["numpy", "torch"])
@pytest.mark.parametrize("name", SETTINGS)
def test_a_saved_state_goes_on_where_it_was(name: str, device: str, plan: str) -> None:
    setting = SETTINGS[name][-1]
    whole, first, second = (network(device) for _ in range(3))
    expected = path(whole, optimizer(name, whole.parameters(), **setting), PLANS[plan])
    opt = optimizer(name, first.parameters(), **setting)
    half = STEPS // 2  # in the midst of what the plans change
    begun = path(first, opt, PLANS[plan], steps=range(half))
    second.load_state_dict(first.state_dict())
    other = optimizer(name, second.parameters(), **setting)
    other.load_state_dict(opt.state_dict())
    ended = path(second, other, PLANS[plan], steps=range(half, STEPS))
    for a, b in zip([*begun, *ended[1:]], expected, strict=True):
        assert all((a[name] == b[name]).all() for name in b)


def closure(net: Net, opt: Any, spare: bool) -> Callable[[], Any]:
    x, y = batch(net, 0, 30)

    def compute() -> Any:
        opt.zero_grad()
        loss = F.cross_entropy(net(x, spare), y)
        loss.backward()
        return loss

    return compute


LBFGS = [
    {"lr": 0.3, "max_iter": 4},
    {"max_iter": 5, "history_size": 4, "line_search_fn": "strong_wolfe"},
]


@pytest.mark.parametrize("spare", [True, False])
@pytest.mark.parametrize("device", ["numpy", "torch"])
@pytest.mark.parametrize("setting", LBFGS)
def test_lbfgs_begins_anew_with_the_parameters_that_are_left(
    setting: dict[str, Any], device: str, spare: bool
) -> None:
    """As PyTorch's, made anew for the trained parameters; nothing that is frozen moves."""
    torch = pytest.importorskip("torch")
    net, theirs = network(device), network("torch")
    opt = optimizer("lbfgs", net.parameters(), **setting)
    for names in [("first.",), (), ("second.", "last.bias")]:
        freeze(net, names)
        freeze(theirs, names)
        before = net.state_dict()
        peer = torch.optim.LBFGS([p for p in theirs.parameters() if p.requires_grad], **setting)
        for _ in range(2):
            opt.step(closure(net, opt, spare))
            peer.step(closure(theirs, peer, spare))
        after, expected = net.state_dict(), theirs.state_dict()
        for name in before:
            still = name.startswith(names or "-") or (name.startswith("spare") and not spare)
            assert (after[name] == before[name]).all() == still, name
            np.testing.assert_allclose(after[name], expected[name], rtol=1e-8, atol=1e-8)


CALM: dict[str, dict[str, Any]] = {  # short steps, which rounding does not lead elsewhere
    "lbfgs": {"lr": 0.1, "max_iter": 4},
    "bfgs": {},
    "newton": {"lr": 0.5, "damping": 1.0},
    "hessian-free": {"damping": 2.0},
}


@pytest.mark.parametrize("name", sorted(CLOSURES))
def test_searches_are_those_of_an_optimizer_of_the_trained_alone(name: str) -> None:
    net, alone = network(), network()
    opt = optimizer(name, net.parameters(), **CALM[name])
    for names in [("first.", "last.bias"), (), ("second.", "spare.", "first.weight")]:
        freeze(net, names)
        freeze(alone, names)
        before = net.state_dict()
        ps = [p for p in alone.parameters() if p.requires_grad]
        other = optimizer(name, ps, **CALM[name])
        for _ in range(2):
            opt.step(closure(net, opt, True))
            other.step(closure(alone, other, True))
        for key, value in net.state_dict().items():
            frozen = key.startswith(names or "-")
            assert (value == before[key]).all() == frozen, key
            np.testing.assert_allclose(value, alone.state_dict()[key], rtol=1e-6, atol=1e-6)
        for p in alone.parameters():  # the next optimizer makes buffers of its own
            p.data, p.grad, p.slot = p.data.copy(), None, None


@pytest.mark.parametrize("name", sorted(CLOSURES))
def test_a_saved_search_with_frozen_parameters_goes_on(name: str) -> None:
    net, second = network(), network()
    freeze(net, ("first.",))
    freeze(second, ("first.",))
    opt = optimizer(name, net.parameters())
    for _ in range(2):
        opt.step(closure(net, opt, True))
    second.load_state_dict(net.state_dict())
    other = optimizer(name, second.parameters())
    other.load_state_dict(opt.state_dict())
    for _ in range(2):
        opt.step(closure(net, opt, True))
        other.step(closure(second, other, True))
    for key, value in net.state_dict().items():
        np.testing.assert_array_equal(value, second.state_dict()[key])


class Frozen:
    """A callback that freezes and unfreezes layers by the epoch, and ends at one."""

    def __init__(self, names: dict[int, tuple[str, ...]], end: int | None = None) -> None:
        self.names, self.end = names, end

    def __call__(self, training: Any) -> bool:
        if training.epoch in self.names:
            freeze(training.model, self.names[training.epoch])
        return training.epoch == self.end


def trained(net: Net, name: str, **settings: Any) -> nn.train.History:
    return nn.train(
        net, data(), loss="cross_entropy", optimizer=lambda ps: optimizer(name, ps, lr=0.02),
        schedule="one-cycle", epochs=6, batch_size=10, clip_norm=0.5, penalty=Penalty(0.001, 0.01),
        progress=False, random_state=0, **settings,
    )  # fmt: skip


@pytest.mark.parametrize("name", SETTINGS)
def test_a_training_is_the_same_in_both_libraries(name: str) -> None:
    net, theirs = network(), network("torch")
    still = net.state_dict()["first.weight"]
    for one in (net, theirs):
        freeze(one, ("first.",))
        trained(one, name, shuffle=False, callbacks=[Frozen({3: ("first.", "second.")})])
    agree([network().state_dict(), net.state_dict()], [network().state_dict(), theirs.state_dict()])
    assert (net.state_dict()["first.weight"] == still).all()


@pytest.mark.parametrize("device", ["numpy", "torch"])
@pytest.mark.parametrize("name", SETTINGS)
def test_a_resumed_training_ends_with_the_same_bits(name: str, device: str, tmp_path: Path) -> None:
    """First frozen, then trained: a parameter's own count of steps is in the checkpoint."""
    names = {2: ("first.",), 4: ("last.bias",)}
    whole, begun, resumed = (network(device) for _ in range(3))
    for net in (whole, begun):
        freeze(net, ("first.", "second.bias"))
    trained(whole, name, callbacks=[Frozen(names)])
    file = tmp_path / "training.safetensors"
    stop = {"after": False}
    trained(
        begun, name, checkpoint=file, callbacks=[Frozen(names, None), _stops(stop, 3)],
        stop=lambda: stop["after"],
    )  # fmt: skip
    freeze(resumed, names[2])
    trained(resumed, name, checkpoint=file, callbacks=[Frozen(names)])
    ours, expected = resumed.state_dict(), whole.state_dict()
    assert all((ours[key] == expected[key]).all() for key in expected)
    assert (begun.state_dict()["last.weight"] != expected["last.weight"]).any()


def _stops(stop: dict[str, bool], epoch: int) -> Callable[[Any], None]:
    def callback(training: Any) -> None:
        stop["after"] = training.epoch >= epoch

    return callback


@pytest.mark.parametrize("device", ["numpy", "torch"])
def test_a_training_of_biases_alone_is_recorded(device: str) -> None:
    net = network(device)
    before = net.state_dict()
    freeze(net, tuple(name for name in before if name.endswith("weight")))
    history = nn.train(net, data(), loss="cross_entropy", epochs=3, progress=False)
    moved = {name for name, value in net.state_dict().items() if (value != before[name]).any()}
    assert moved == {"first.bias", "second.bias", "last.bias"}
    assert [chart.title for chart in history.plots()] == ["loss", "learning rate"]
    assert history.epochs[-1].loss < history.epochs[0].loss


@pytest.mark.parametrize("device", ["numpy", "torch"])
def test_a_model_that_is_moved_stays_frozen_and_shared(device: str) -> None:
    class Tied(nn.Module):
        def __init__(self) -> None:
            self.embedding, self.head = nn.Embedding(5, 3), nn.Linear(3, 5, bias=False)
            self.head.weight = self.embedding.weight
            self.last = nn.Linear(5, 2)

    net = Tied()
    freeze(net, ("last.",))
    moved = net.to("torch").to(device)
    assert moved.head.weight is moved.embedding.weight
    assert [p.requires_grad for p in moved.parameters()] == [True, False, False]


def test_a_gan_leaves_what_was_frozen_before() -> None:
    from mulle.nn.networks.gans.train import frozen

    net = network()
    freeze(net, ("first.",))
    with frozen(net):
        assert not any(p.requires_grad for p in net.parameters())
    assert [n for n, p in net.named_parameters() if not p.requires_grad] == [
        "first.weight",
        "first.bias",
    ]
