"""Training: the same in NumPy and PyTorch, well informed, and clear about what it refuses."""

from __future__ import annotations

import io
import math
import sys
import time
from typing import Any

import numpy as np
import pytest

from mulle import nn
from mulle.errors import DataError, MulleError, RunError, UnknownName, UsageError
from mulle.nn.memory import keep_pages
from mulle.nn.optim import Adam, groups
from mulle.nn.train.progress import Progress

F = nn.functional


@pytest.fixture(autouse=True)
def one_thread() -> None:
    torch = sys.modules.get("torch")
    if torch is not None:
        torch.set_num_threads(1)


def rows(n: int = 200) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    x = rng.normal(size=(n, 6)).astype(np.float32)
    return x, (x[:, 0] + x[:, 1] * x[:, 2] > 0).astype(np.int64)


def network(seed: int = 0) -> nn.Sequential:
    nn.manual_seed(seed)
    return nn.Sequential(nn.Linear(6, 16), nn.ReLU(), nn.Linear(16, 2))


def accuracy(output: np.ndarray, target: np.ndarray) -> float:
    return float((output.argmax(1) == target).mean())


def quietly(model: Any, data: Any, **settings: Any) -> nn.History:
    return nn.train(
        model, data, **{"loss": "cross_entropy", "random_state": 0, "progress": False, **settings}
    )


SETTINGS: list[dict[str, Any]] = [
    {},
    {"optimizer": "adamw", "schedule": "cosine", "clip_norm": 0.5},
    {"optimizer": "sgd", "lr": 0.1, "schedule": "one-cycle", "penalty": nn.Penalty(1e-3, 1e-2)},
    {"optimizer": "rmsprop", "clip_value": 0.01, "batch_size": 7},
    {"optimizer": "lbfgs", "batch_size": None, "epochs": 3},
    {"schedule": nn.schedules.Performance(patience=0), "lr": 0.05},
]


@pytest.mark.parametrize("settings", SETTINGS, ids=str)
def test_numpy_and_pytorch_go_the_same_way(settings: dict[str, Any]) -> None:
    pytest.importorskip("torch")
    data, settings = rows(), {"epochs": 4, **settings}
    other = dict(settings)
    if isinstance(settings.get("schedule"), nn.schedules.Performance):
        other["schedule"] = nn.schedules.Performance(patience=0)
    first = network()
    ours = quietly(first, data, validation=data, metrics={"accuracy": accuracy}, **settings)
    second = network().to("torch")
    theirs = quietly(second, data, validation=data, metrics={"accuracy": accuracy}, **other)
    assert ours.lrs == pytest.approx(theirs.lrs, rel=1e-6)
    assert ours.losses == pytest.approx(theirs.losses, rel=2e-3, abs=2e-4)
    assert ours.epochs[-1].validation == pytest.approx(theirs.epochs[-1].validation, rel=2e-3)
    assert ours.epochs[-1].metrics["accuracy"] == pytest.approx(
        theirs.epochs[-1].metrics["accuracy"], abs=0.011
    )
    assert ours.epochs[-1].loss < ours.epochs[0].loss


def test_the_loop_is_the_loop_one_would_write_in_pytorch() -> None:
    """Not our optimizer there: a loop of PyTorch's own parts, over the rows in our order."""
    torch = pytest.importorskip("torch")
    x, y = rows(64)
    net = network()
    peer = torch.nn.Sequential(torch.nn.Linear(6, 16), torch.nn.ReLU(), torch.nn.Linear(16, 2))
    peer.load_state_dict({k: torch.tensor(v) for k, v in net.state_dict().items()})
    ours = quietly(net, (x, y), epochs=3, batch_size=20, shuffle=False, lr=0.01, clip_norm=0.3)
    adam, losses = torch.optim.Adam(peer.parameters(), 0.01), []
    for _ in range(3):
        for i in range(0, 64, 20):
            loss = torch.nn.functional.cross_entropy(
                peer(torch.tensor(x[i : i + 20])), torch.tensor(y[i : i + 20])
            )
            adam.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(peer.parameters(), 0.3)
            adam.step()
            losses.append(loss.item())
    assert ours.losses == pytest.approx(losses, rel=1e-4)
    assert [e.steps for e in ours.epochs] == [4, 8, 12]
    whole = np.average(losses[:4], weights=[20, 20, 20, 4])
    assert ours.epochs[0].loss == pytest.approx(whole, rel=1e-4)


def test_each_epoch_sees_every_row_once_in_a_new_order() -> None:
    from mulle.nn.train.batches import Batches

    data = (np.arange(10, dtype=np.float32)[:, None], np.arange(10))
    batches, orders = Batches(data, 4, network().parameters()[0]), []
    for _ in range(2):
        batches.begin()
        parts = [(x[0].data.copy(), y.data.copy()) for x, y in batches.rest()]
        assert [len(y) for _, y in parts] == [4, 4, 2] and len(batches) == 3
        order = np.concatenate([y for _, y in parts])
        np.testing.assert_array_equal(np.concatenate([x[:, 0] for x, _ in parts]), order)
        assert sorted(order) == list(range(10))
        orders.append(order.tolist())
    assert orders[0] != orders[1]


def test_a_seed_repeats_a_training() -> None:
    a, b = (quietly(network(), rows(), epochs=2).losses for _ in range(2))
    assert a == b
    assert a != quietly(network(), rows(), epochs=2, random_state=1).losses


class TwoInputs(nn.Module):
    def __init__(self) -> None:
        self.a, self.b = nn.Linear(3, 2), nn.Linear(2, 2)

    def forward(self, x: Any, z: Any) -> Any:
        return self.a(x) + self.b(z)


@pytest.mark.parametrize("device", ["numpy", "torch"])
def test_several_inputs_and_float64_data(device: str) -> None:
    if device == "torch":
        pytest.importorskip("torch")
    rng = np.random.default_rng(1)
    x, z = rng.normal(size=(60, 3)), rng.normal(size=(60, 2))
    net = TwoInputs().to(device)
    history = quietly(net, ((x, z), (x[:, 0] > z[:, 0]).astype(int)), epochs=20, lr=0.05)
    assert history.epochs[-1].loss < 0.7 * history.epochs[0].loss
    assert str(net.parameters()[0].dtype).endswith("float32")


def mean_square(output: Any, target: Any) -> Any:
    error = output - target
    return (error * error).mean()


def test_early_stopping_restores_the_best_epoch() -> None:
    x, y = rows(40)
    rng = np.random.default_rng(2)
    noise = (rng.normal(size=(40, 6)).astype(np.float32), rng.integers(2, size=40))
    net = network()
    history = quietly(net, (x, y), validation=noise, early_stopping=3, epochs=200, lr=0.05)
    assert history.stopped == "patience"
    assert len(history.epochs) == history.best_epoch + 4
    best = min(history.epochs, key=lambda e: e.validation)
    assert best.number == history.best_epoch
    now = F.cross_entropy(net(nn.Tensor(noise[0])), noise[1]).item()
    assert now == pytest.approx(best.validation, rel=1e-5)


def test_stop_callbacks_and_modes() -> None:
    net = network()
    seen: list[int] = []

    def callback(training: nn.Training) -> bool:
        seen.append(training.epoch)
        assert training.model.training
        return training.epoch == 2

    history = quietly(net, rows(), callbacks=[callback], epochs=9)
    assert (seen, history.stopped, net.training) == ([1, 2], "callback", False)
    calls = iter(range(100))
    assert len(quietly(net, rows(), stop=lambda: next(calls) >= 4).losses) == 5
    assert quietly(net, rows(), stop=lambda: True, epochs=3).stopped == "stop"


def test_a_loss_that_is_no_number_names_the_layer() -> None:
    class Explosive(nn.Module):
        def forward(self, x: Any) -> Any:
            return (x * 1e4).exp()

    x, y = rows()
    nn.manual_seed(0)
    net = nn.Sequential(nn.Linear(6, 4), nn.Sequential(nn.ReLU(), Explosive()), nn.Linear(4, 2))
    with pytest.raises(RunError) as error, np.errstate(all="ignore"):
        quietly(net, (x, y))
    assert error.value.where == "1.1 (Explosive)"
    assert error.value.code == "output-not-finite"
    broken = network()
    broken[2].weight.data[0, 0] = np.nan
    with pytest.raises(RunError, match=r"became nan at step 1 \(epoch 1\)") as error:
        quietly(broken, (x, y))
    assert error.value.where == "2 (Linear)"
    assert (error.value.code, error.value.values["parameter"]) == ("parameter-not-finite", "weight")
    x[3, 2] = np.nan
    with pytest.raises(RunError) as error:
        quietly(network(), (x, y))
    assert (error.value.code, error.value.values["input"]) == ("input-not-finite", 0)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"loss": "cros_entropy"}, "no loss named"),
        ({"optimizer": "adan"}, "no optimizer named"),
        ({"schedule": "cosinus"}, "no schedule named"),
        ({"precision": "float8"}, "no precision named"),
        ({"precision": "float16"}, "a model in PyTorch"),
        ({"data": rows()[0]}, "pair of inputs and target"),
        ({"data": (rows()[0], rows()[1][:-1])}, "same number of rows"),
        ({"data": (rows()[0].astype(str), rows()[1])}, "values of type <U"),
        ({"data": (rows()[0].astype(object), rows()[1])}, "values of type object"),
        ({"data": ([[1.0]], rows()[1])}, "must be an array, not a value of type list"),
        ({"data": (rows()[0].astype(int), rows()[1])}, "int64"),
        ({"data": (rows()[0], rows()[1].astype(np.float32))}, "cross_entropy received"),
    ],
    ids=lambda v: v if isinstance(v, str) else "",
)
def test_what_is_wrong_is_refused(wrong: dict[str, Any], said: str) -> None:
    settings = {"data": rows(), **wrong}
    with pytest.raises(MulleError, match=said) as error:
        quietly(network(), settings.pop("data"), **settings)
    assert isinstance(error.value, (UnknownName, UsageError, DataError)) and error.value.fix


def test_an_optimizer_of_another_model_is_refused() -> None:
    opt = Adam(network().parameters())
    with pytest.raises(UsageError, match="not those of this model"):
        quietly(network(), rows(), optimizer=opt)
    net = network()
    made = Adam(groups(net, {"*.bias": (0.0, 1.0)}), lr=0.01)
    before = net[0].bias.data.copy()
    quietly(net, rows(), optimizer=made, epochs=1)
    np.testing.assert_array_equal(net[0].bias.data, before)  # its rate is 0


@pytest.mark.parametrize("precision", ["bfloat16", "float16"])
def test_mixed_precision_learns_and_keeps_float32_weights(precision: str) -> None:
    torch = pytest.importorskip("torch")
    net = network().to("torch")
    history = quietly(net, rows(), precision=precision, epochs=15, lr=0.01, clip_norm=1.0)
    plain = quietly(network().to("torch"), rows(), epochs=15, lr=0.01, clip_norm=1.0)
    assert net.parameters()[0].dtype == torch.float32
    assert history.epochs[-1].loss == pytest.approx(plain.epochs[-1].loss, rel=0.1)
    assert history.losses != plain.losses
    with pytest.raises(UsageError, match="exact losses"):
        quietly(net, rows(), precision=precision, optimizer="lbfgs", batch_size=None)


def test_the_loss_is_scaled_so_that_small_gradients_survive_float16() -> None:
    """Gradients of 1e-9 are 0 in float16, unless the loss is scaled."""
    torch = pytest.importorskip("torch")
    from mulle.nn.train.precision import Mixed

    p = torch.nn.Parameter(torch.ones(3))
    opt = nn.optim.SGD([p], lr=1.0)
    mixed = Mixed("float16", "cpu")
    before = float(mixed.scaler.get_scale())
    mixed.backward((p.to(torch.float16) * 1e-3).float().sum() * 1e-6)
    assert float(p.grad[0]) == pytest.approx(1e-9 * before, rel=0.05)
    mixed.unscale(opt)
    mixed.step(opt)
    assert p.grad.tolist() == pytest.approx([1e-9] * 3, rel=0.05)
    p.grad = None
    mixed.backward(p.sum() * math.inf)
    kept = p.detach().clone()
    mixed.step(opt)
    assert torch.equal(p, kept)  # such a step is skipped
    assert float(mixed.scaler.get_scale()) == before / 2


def test_the_range_test_suggests_a_rate_that_learns_and_leaves_no_trace() -> None:
    x, y = rows()
    net = network()
    before = net.state_dict()
    found = nn.lr_range_test(net, (x, y), loss="cross_entropy", optimizer="sgd", random_state=0)
    for name, value in net.state_dict().items():
        np.testing.assert_array_equal(value, before[name])
    assert found.lrs[0] == pytest.approx(1e-6) and net.training
    assert all(b > a for a, b in zip(found.lrs, found.lrs[1:], strict=False))
    assert 1e-2 < found.suggested < 2
    good = quietly(network(), (x, y), optimizer="sgd", lr=found.suggested, epochs=20)
    bad = quietly(network(), (x, y), optimizer="sgd", lr=1e-5, epochs=20)
    assert good.epochs[-1].loss < 0.7 * bad.epochs[-1].loss


def test_progress_is_silent_where_nobody_watches(capfd: pytest.CaptureFixture[str]) -> None:
    quietly(network(), rows(), progress=True)
    assert capfd.readouterr() == ("", "")


def test_progress_says_loss_rate_speed_and_time_left(monkeypatch: pytest.MonkeyPatch) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "120")
    slow = lambda training: time.sleep(0.12)  # noqa: E731
    quietly(network(), rows(), progress=True, epochs=3, callbacks=[slow])
    said = terminal.getvalue()
    for part in (
        "epoch 1 of 3",
        "epoch 3 of 3",
        "loss 0.",
        "learning rate 0.001",
        "rows/s",
        "left",
    ):
        assert part in said
    assert said.count("loss") <= 6
    assert Progress(on=False)._live is None


def test_charts_can_be_drawn() -> None:
    data = rows()
    charts = quietly(network(), data, validation=data, epochs=5).plots()
    assert [c.title for c in charts] == [
        "loss",
        "learning rate",
        "log10 of the gradient",
    ]
    assert ">validation</text>" in charts[0].svg()


def test_pages_are_kept_while_needed_only(monkeypatch: pytest.MonkeyPatch) -> None:
    from mulle.nn import memory

    calls: list[Any] = []

    class Library:
        def mallopt(self, option: int, value: int) -> None:
            calls.append((option, value))

        def malloc_trim(self, pad: int) -> None:
            calls.append("trim")

    monkeypatch.setattr(memory, "_gnu_c", Library)
    with keep_pages():
        assert calls == [(-4, 0), (-1, 1 << 30)]
        with keep_pages():
            pass
        assert len(calls) == 2
    assert calls[2:] == [(-4, 65_536), (-3, 32 << 20), (-1, 64 << 20), "trim"]
    calls.clear()
    with pytest.raises(KeyError), keep_pages():
        raise KeyError
    assert calls[-1] == "trim"


def test_gradients_can_be_checked() -> None:
    rng = np.random.default_rng(0)
    nn.check_gradients(
        lambda a, b: (a @ b).tanh(), [rng.normal(size=(3, 2)), rng.normal(size=(2, 4))]
    )

    def wrong(x: Any) -> Any:
        return x * x.detach()  # half of its derivative is left out

    with pytest.raises(RunError, match=r"input 0 at index \(1,\)"):
        nn.check_gradients(wrong, [np.array([0.0, 3.0])])


def test_numerical_derivatives_have_the_errors_they_promise() -> None:
    """Forward O(h), central O(h^2): a tenth of h leaves a tenth, or a hundredth, of the error."""

    def error(h: float, *, forward: bool) -> float:
        found = nn.numerical_gradient(
            lambda x: float(np.exp(x).sum()), np.array([1.0]), h, forward=forward
        )
        return abs(float(found[0]) - math.e)

    assert error(1e-2, forward=True) / error(1e-3, forward=True) == pytest.approx(10, rel=0.05)
    assert error(1e-2, forward=False) / error(1e-3, forward=False) == pytest.approx(100, rel=0.05)


def test_drop_last_leaves_out_the_rows_that_fill_no_batch():
    x, y = np.random.default_rng(0).normal(size=(9, 3)).astype(np.float32), np.arange(9) % 2
    net = nn.Sequential(nn.Linear(3, 4), nn.BatchNorm1d(4), nn.Linear(4, 2))
    settings = {"loss": "cross_entropy", "epochs": 2, "batch_size": 4, "progress": False}
    with pytest.raises(MulleError, match="more than one value") as error:
        nn.train(net, (x, y), diagnosing=False, **settings)
    assert "drop_last=True" in error.value.fix
    history = nn.train(net, (x, y), drop_last=True, **settings)
    assert len(history.losses) == 4
    assert history.stopped == "epochs"


def test_drop_last_with_fewer_rows_than_a_batch_keeps_them():
    x, y = np.ones((3, 2), np.float32), np.array([0, 1, 0])
    history = nn.train(
        nn.Linear(2, 2), (x, y), loss="cross_entropy", epochs=2, batch_size=8, drop_last=True,
        progress=False,
    )  # fmt: skip
    assert len(history.losses) == 2
