"""A training that is killed and resumed ends with the bits of one that was not; weights travel."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mulle import nn
from mulle.errors import DataError, MissingFile
from mulle.nn.train import checkpoint as checkpoints

SCRIPT = """
import sys, time
import numpy as np
from mulle import nn

path, device, slow = sys.argv[1], sys.argv[2], sys.argv[3] == "slow"
rng = np.random.default_rng(0)
x = rng.normal(size=(120, 6)).astype(np.float32)
y = (x[:, 0] + x[:, 1] * x[:, 2] > 0).astype(np.int64)


class Noise(nn.Module):  # random numbers in every step, of whichever library
    def forward(self, x):
        if not self.training:
            return x
        if type(x).__module__ == "torch":
            import torch
            return x + 0.1 * torch.randn(x.shape)
        from mulle.nn.randomness import generator
        return x + (0.1 * generator().normal(size=x.shape)).astype(np.float32)


nn.manual_seed(7)
net = nn.Sequential(nn.Linear(6, 16), nn.ReLU(), Noise(), nn.Linear(16, 2)).to(device)
if device == "torch":
    import torch
    torch.set_num_threads(1)


class Slow(nn.schedules.Performance):
    def __call__(self, step):
        if slow:
            time.sleep(0.01)
        return super().__call__(step)


history = nn.train(
    net, (x, y), loss="cross_entropy", optimizer="nadam", lr=0.01, epochs=6, batch_size=16,
    schedule=Slow(patience=0, factor=0.5), validation=(x, y), early_stopping=50, clip_norm=1.0,
    checkpoint=path, checkpoint_every=3, random_state=3, progress=False,
)
print(len(history.losses), len(history.epochs), [e.validation for e in history.epochs])
nn.save(net, path + ".weights")
np.save(path + ".npy", np.array([history.losses, history.lrs]))
"""


def start(script: Path, path: Path, device: str, speed: str) -> subprocess.Popen[str]:
    source = Path(nn.__file__).parents[2]
    return subprocess.Popen(
        [sys.executable, str(script), str(path), device, speed],
        env=os.environ | {"PYTHONPATH": str(source)},
        stdout=subprocess.PIPE,
        text=True,
    )


@pytest.mark.parametrize("device", ["numpy", pytest.param("torch", marks=pytest.mark.long)])
def test_killed_and_resumed_is_as_if_nothing_had_happened(tmp_path: Path, device: str) -> None:
    if device == "torch":
        pytest.importorskip("torch")
    script = tmp_path / "training.py"
    script.write_text(SCRIPT, encoding="utf-8")
    whole, broken = tmp_path / "whole", tmp_path / "broken"
    for kill in range(1 if device == "torch" else 2):  # at whatever step it is then
        process = start(script, broken, device, "slow")
        patience = time.monotonic() + 60
        seen = broken.stat().st_mtime_ns if broken.exists() else 0
        while not broken.exists() or broken.stat().st_mtime_ns == seen:
            assert process.poll() is None and time.monotonic() < patience
            time.sleep(0.005)
        time.sleep(0.07 + 0.04 * kill)
        assert process.poll() is None, "it ended before it could be killed"
        process.send_signal(signal.SIGKILL if hasattr(signal, "SIGKILL") else signal.SIGTERM)
        process.wait()
    arrays, _ = nn.weights.read(broken)
    assert 0 < len(arrays["losses"]) < 48
    said = [start(script, p, device, "fast").communicate()[0] for p in (broken, whole)]
    assert said[0] == said[1] and said[0].startswith("48 6 ")
    for ending in (".weights", ".npy"):
        assert Path(f"{broken}{ending}").read_bytes() == Path(f"{whole}{ending}").read_bytes()


def rows() -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    return rng.normal(size=(50, 4)).astype(np.float32), rng.integers(2, size=50)


def network(width: int = 8) -> nn.Sequential:
    nn.manual_seed(0)
    return nn.Sequential(nn.Linear(4, width), nn.ReLU(), nn.Linear(width, 2))


def trained(path: Path, model: Any = None, data: Any = None, **settings: Any) -> nn.History:
    settings = {"epochs": 2, "random_state": 0} | settings
    return nn.train(
        model or network(), data or rows(), loss="cross_entropy", progress=False,
        checkpoint=path, **settings,
    )  # fmt: skip


def test_a_finished_training_is_not_trained_again_but_goes_on_to_more_epochs(
    tmp_path: Path,
) -> None:
    path = tmp_path / "run.safetensors"
    first = trained(path)
    assert trained(path).losses == first.losses
    longer = trained(path, epochs=5).losses
    assert longer == trained(tmp_path / "other", epochs=5).losses
    assert trained(path, resume=False).losses == first.losses


def test_a_stop_in_the_middle_of_an_epoch_is_resumed_there(tmp_path: Path) -> None:
    path = tmp_path / "run"
    for after in (1, 3, 5, 7):
        calls = iter(range(100))
        trained(path, epochs=4, batch_size=10, stop=lambda n=after, c=calls: next(c) >= n)
    ended = trained(path, epochs=4, batch_size=10)
    assert ended.losses == trained(tmp_path / "whole", epochs=4, batch_size=10).losses
    assert [e.number for e in ended.epochs] == [1, 2, 3, 4]


@pytest.mark.parametrize(
    ("other", "said"),
    [
        ({"model": network(9)}, "saved from another model"),
        ({"optimizer": "sgd"}, "the optimizer Adam, not SGD"),
        ({"batch_size": 7}, "batch_size=32, not 7"),
        ({"data": tuple(a[:40] for a in rows())}, "50 rows, not 40"),
    ],
    ids=["model", "optimizer", "batch", "data"],
)
def test_a_checkpoint_of_another_training_is_one_clear_error(
    tmp_path: Path, other: dict[str, Any], said: str
) -> None:
    path = tmp_path / "run"
    trained(path)
    before = path.read_bytes()
    with pytest.raises(DataError, match=said) as error:
        trained(path, **other)
    assert error.value.where == str(path)
    assert "resume=False" in error.value.fix
    assert path.read_bytes() == before


def test_a_damaged_checkpoint_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "run"
    trained(path)
    whole = path.read_bytes()
    for damaged in (whole[: len(whole) // 2], b"", b"PK\x03\x04" + whole[4:]):
        path.write_bytes(damaged)
        with pytest.raises(DataError, match="cannot be read"):
            trained(path)
    nn.save(network(), path)
    with pytest.raises(DataError, match="not a training checkpoint"):
        trained(path)
    assert checkpoints.FORMAT == 1


def test_weights_travel_to_pytorch_and_back(tmp_path: Path) -> None:
    torch = pytest.importorskip("torch")
    from safetensors.torch import load_file, save_file

    net, path = network(), tmp_path / "net.safetensors"
    peer = torch.nn.Sequential(torch.nn.Linear(4, 8), torch.nn.ReLU(), torch.nn.Linear(8, 2))
    nn.save(net, path)
    peer.load_state_dict(load_file(path))
    x = rows()[0]
    ours, theirs = net(nn.Tensor(x)).data, peer(torch.tensor(x)).detach().numpy()
    np.testing.assert_allclose(ours, theirs, rtol=1e-5, atol=1e-6)
    with torch.no_grad():
        for p in peer.parameters():
            p.mul_(2)
    save_file(peer.state_dict(), path)
    for device in ("numpy", "torch"):
        again = nn.load(network().to(device), path)
        for name, value in again.state_dict().items():
            np.testing.assert_array_equal(value, peer.state_dict()[name].numpy())
    with pytest.raises(DataError, match="another model") as error:
        nn.load(network(5), path)
    assert error.value.where == str(path)
    with pytest.raises(MissingFile, match="no file else"):
        nn.load(net, tmp_path / "else")


def resumed(path: Path, optimizer: Any, **settings: Any) -> nn.Module:
    rng = np.random.default_rng(0)
    data = rng.normal(size=(16, 3)).astype(np.float32), np.arange(16) % 2
    net = nn.Linear(3, 2)
    nn.train(net, data, loss="cross_entropy", optimizer=optimizer(net.parameters()), batch_size=8,
             checkpoint=path, progress=False, **settings)  # fmt: skip
    return net


def test_what_a_checkpoint_replaces_is_told(tmp_path: Path) -> None:
    """As in PyTorch, the saved learning rate, betas and the like win; here it is said."""
    path, used = tmp_path / "a.safetensors", []
    resumed(path, lambda p: nn.optim.Adam(p, 0.01, betas=(0.8, 0.99)), epochs=2)

    def look(training: Any) -> None:
        adam = training.optimizer
        used.append((adam.lr, adam.betas, adam.eps))

    with pytest.warns(nn.ResumeWarning) as found:
        other = {"betas": (0.9, 0.9), "eps": 1e-3}
        resumed(path, lambda p: nn.optim.Adam(p, 0.5, **other), epochs=4, callbacks=[look])
    told = " ".join(str(w.message) for w in found)
    assert "lr 0.01; the 0.5" in told
    assert "betas (0.8, 0.99)" in told
    assert "eps 1e-08" in told
    assert used == [(0.01, (0.8, 0.99), 1e-8)] * 2
    assert all(type(b) is float for b in used[0][1])


def test_another_schedule_is_told_and_used(tmp_path: Path) -> None:
    path, rates = tmp_path / "a.safetensors", []
    adam = lambda p: nn.optim.Adam(p, 0.01)  # noqa: E731
    resumed(path, adam, epochs=1, schedule=nn.schedules.Power(s=5.0))
    with pytest.warns(nn.ResumeWarning, match="schedule"):
        resumed(path, adam, epochs=2, schedule=nn.schedules.Power(s=50.0),
                callbacks=[lambda t: rates.append(t.optimizer.lr)])  # fmt: skip
    assert rates == [pytest.approx(0.01 / (1 + 3 / 50))]


def test_the_same_settings_are_resumed_in_silence(tmp_path: Path) -> None:
    path = tmp_path / "a.safetensors"
    sgd = lambda p: nn.optim.SGD(p, 0.1, momentum=0.9, nesterov=True)  # noqa: E731
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for epochs in (1, 2):
            resumed(path, sgd, epochs=epochs)


@pytest.mark.parametrize("device", ["numpy", "torch"])
def test_a_loaded_optimizer_takes_the_saved_settings(device: str) -> None:
    if device == "torch":
        pytest.importorskip("torch")
    net = nn.Linear(2, 1).to(device)
    for make in (
        lambda lr, b: nn.optim.AdamW(net.parameters(), lr, betas=(b, 0.9), weight_decay=lr),
        lambda lr, b: nn.optim.SGD(net.parameters(), lr, momentum=b),
        lambda lr, b: nn.optim.RMSprop(net.parameters(), lr, alpha=b),
        lambda lr, b: nn.optim.NAdam(net.parameters(), lr, momentum_decay=b),
    ):
        saved, other = make(0.25, 0.5), make(0.5, 0.75)
        other.load_state_dict(saved.state_dict())
        for name in ("lr", "weight_decay", *saved.settings):
            assert getattr(other, name) == getattr(saved, name)
