"""Three facts about CUDA, for machines with and without each of them."""

import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from mulle.doctor import gpu


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """Install a torch and a driver that are not there."""

    def torch(cuda: str | None) -> None:
        package = tmp_path / "torch"
        package.mkdir()
        (package / "__init__.py").write_text("raise ImportError('was imported')", encoding="utf-8")
        lines = f"__version__ = '2.7.0'\ndebug = False\ncuda: Optional[str] = {cuda!r}\n"
        (package / "version.py").write_text(lines, encoding="utf-8")
        monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])
        monkeypatch.delitem(sys.modules, "torch", raising=False)  # another test may have needed it

    def driver(version: tuple[int, int] | None, devices: int = 0) -> None:
        monkeypatch.setattr(gpu, "_driver_cuda", lambda: version)
        monkeypatch.setattr(gpu, "_listed_devices", lambda: devices)

    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    return SimpleNamespace(torch=torch, driver=driver)


def statuses() -> list[str]:
    return [c.status for c in (gpu.torch_build(), gpu.cuda_driver(), gpu.cuda_device())]


def test_everything_fits(machine: SimpleNamespace) -> None:
    machine.torch("12.6")
    machine.driver((12, 4), devices=1)  # minor versions of one major are compatible
    assert gpu.torch_build().values == {"version": "2.7.0", "cuda": "12.6"}
    assert statuses() == ["ok", "ok", "ok"]


def test_a_build_without_cuda_beside_a_driver(machine: SimpleNamespace) -> None:
    machine.torch(None)
    machine.driver((12, 4), devices=1)
    assert statuses() == ["note", "ok", "ok"]
    assert gpu.torch_build().fix_command.endswith("/whl/cu126")


def test_a_build_with_cuda_without_a_driver(machine: SimpleNamespace) -> None:
    machine.torch("12.6")
    machine.driver(None)
    assert statuses() == ["ok", "note", "ok"]
    assert gpu.cuda_driver().fix_command.endswith("/whl/cpu")


def test_a_driver_older_than_the_build(machine: SimpleNamespace) -> None:
    machine.torch("12.6")
    machine.driver((11, 8), devices=1)
    assert (
        gpu.cuda_driver().what
        == "The NVIDIA driver supports CUDA 11.8, but torch is built with 12.6."
    )
    assert gpu.cuda_driver().fix_command.endswith("/whl/cu118")
    assert statuses() == ["ok", "warn", "ok"]


@pytest.mark.parametrize("hidden", ["", "-1"])
def test_a_hidden_device(
    machine: SimpleNamespace, monkeypatch: pytest.MonkeyPatch, hidden: str
) -> None:
    machine.driver((12, 4), devices=2)
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", hidden)
    found = gpu.cuda_device()
    assert (found.status, found.fix_command) == ("note", "export CUDA_VISIBLE_DEVICES=0,1")


@pytest.mark.parametrize(
    ("available", "listed", "status"), [(True, 1, "ok"), (False, 1, "warn"), (False, 0, "ok")]
)
def test_torch_is_asked_only_when_deep(
    machine: SimpleNamespace,
    monkeypatch: pytest.MonkeyPatch,
    available: bool,
    listed: int,
    status: str,
) -> None:
    machine.driver((12, 4), devices=listed)
    monkeypatch.setattr(gpu, "_torch_build", lambda: ("2.7.0", "12.6"))
    cuda = SimpleNamespace(
        is_available=lambda: available,
        device_count=lambda: 1,
        get_device_name=lambda _: "Some Card",
    )
    monkeypatch.setitem(sys.modules, "torch", SimpleNamespace(cuda=cuda))
    found = gpu.torch_device()
    assert found.status == status
    assert found.values["devices"] == (["Some Card"] if available else [])
