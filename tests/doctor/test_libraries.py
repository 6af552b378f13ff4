"""Versions, thread runtimes and kernels."""

import importlib.metadata
import sys
from pathlib import Path

import pytest

from mulle.doctor import libraries


def test_missing_and_old_libraries_fail(monkeypatch: pytest.MonkeyPatch) -> None:
    wanted = ["numpy>=2.0", "msgspec>=999.1", "no-such-library>=1.0", 'pandas>=999; extra == "p"']
    monkeypatch.setattr(importlib.metadata, "requires", lambda _: wanted)
    found = libraries.library_versions()
    assert found.status == "fail"
    assert found.values["wrong"] == ["msgspec", "no-such-library"]
    assert found.fix_command.endswith('-m pip install "msgspec>=999.1" "no-such-library>=1.0"')


def test_sources_that_are_not_installed_are_noted(monkeypatch: pytest.MonkeyPatch) -> None:
    def absent(_: str) -> list[str]:
        raise importlib.metadata.PackageNotFoundError("mulle")

    monkeypatch.setattr(importlib.metadata, "requires", absent)
    assert libraries.library_versions().fix_command.endswith("-m pip install .")


@pytest.mark.parametrize(
    ("older", "newer"), [("1.9", "1.10"), ("2.0.0rc1", "2.0.1"), ("", "0.1"), ("1.20", "1.20.1")]
)
def test_versions_are_compared_as_numbers(older: str, newer: str) -> None:
    assert libraries._numbers(older) < libraries._numbers(newer)
    assert libraries._numbers("1.20") == libraries._numbers("1.20.0")


@pytest.mark.parametrize(
    ("platform", "files", "status"),
    [
        ("linux", ["scikit_learn.libs/libgomp-1a2b.so.1.0.0"], "ok"),
        ("linux", ["scikit_learn.libs/libgomp-1a2b.so.1.0.0", "torch/lib/libgomp-9.so.1"], "note"),
        ("darwin", ["sklearn/.dylibs/libomp.dylib", "torch/lib/libomp.dylib"], "note"),
        ("darwin", ["sklearn/.dylibs/libomp.dylib", "mkl/lib/libiomp5.dylib"], "warn"),
        ("win32", ["sklearn/.libs/libomp140.dll", "torch/lib/libiomp5md.dll"], "warn"),
        ("win32", ["sklearn/.libs/vcomp140.dll", "torch/lib/libiomp5md.dll"], "note"),
        ("linux", ["x.libs/libcompat.so", "y/lib/component.so"], "ok"),
    ],
)
def test_openmp_runtimes_in_wheels(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    platform: str,
    files: list[str],
    status: str,
) -> None:
    for name in files:
        path = tmp_path / "site-packages" / name
        path.parent.mkdir(parents=True)
        path.touch()
    monkeypatch.setattr(sys, "path", [str(tmp_path / "site-packages")])
    monkeypatch.setattr(sys, "platform", platform)
    monkeypatch.setattr(libraries, "_loaded_openmp", lambda: [])
    found = libraries.openmp_runtimes()
    assert found.status == status
    if status != "ok":
        assert found.values["shipped"] == sorted(files)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells what is loaded")
def test_openmp_loaded_here_is_what_threadpoolctl_sees() -> None:
    import sklearn.utils._openmp_helpers  # noqa: F401 - brings its runtime along
    import threadpoolctl

    seen = {p["filepath"] for p in threadpoolctl.threadpool_info() if p["user_api"] == "openmp"}
    assert seen
    assert {Path(p).resolve() for p in seen} <= {
        Path(p).resolve() for p in libraries._loaded_openmp()
    }


@pytest.mark.parametrize(
    ("features", "kernel", "status"),
    [(["avx512"], "Haswell", "note"), (["avx512"], "SkylakeX", "ok"), (["avx2"], "Haswell", "ok")],
)
def test_openblas_kernel(
    monkeypatch: pytest.MonkeyPatch, features: list[str], kernel: str, status: str
) -> None:
    pool = {"internal_api": "openblas", "architecture": kernel}
    monkeypatch.setattr("threadpoolctl.threadpool_info", lambda: [pool])
    monkeypatch.setattr(libraries, "cpu_has", lambda: features)
    monkeypatch.setattr(libraries, "better_kernels", lambda: "")
    found = libraries.openblas_kernel()
    assert found.status == status
    assert found.fix_command.endswith("SkylakeX" if status == "note" else "")
