"""The kernels of OpenBLAS are chosen by the processor, and a person's choice is kept."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from mulle.doctor import libraries
from mulle.kernels import VARIABLE, better_kernels, choose_kernels

CORE = (
    "processor\t: 0\nvendor_id\t: {}\ncpu family\t: {}\nmodel\t\t: 17\nflags\t\t: fpu avx2 {} sha\n"
)
ZEN_4 = CORE.format("AuthenticAMD", 25, "avx512f")


def written(folder: Path, text: str) -> Path:
    (folder / "cpuinfo").write_text(text + "\n" + text.replace(": 0", ": 1"), encoding="utf-8")
    return folder / "cpuinfo"


@pytest.mark.parametrize(
    ("vendor", "family", "flag", "kernels"),
    [
        ("AuthenticAMD", 25, "avx512f", "Haswell"),
        ("AuthenticAMD", 25, "bmi2", ""),  # Zen 3 has no AVX-512 to choose
        ("AuthenticAMD", 26, "avx512f", ""),  # Zen 5 computes it whole
        ("GenuineIntel", 6, "avx512f", ""),
        ("GenuineIntel", 25, "avx512f", ""),
    ],
)
def test_kernels_follow_the_processor(
    tmp_path: Path, vendor: str, family: int, flag: str, kernels: str
) -> None:
    assert better_kernels(written(tmp_path, CORE.format(vendor, family, flag))) == kernels


def test_a_persons_choice_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, "SkylakeX")
    choose_kernels(written(tmp_path, ZEN_4))
    assert os.environ[VARIABLE] == "SkylakeX"
    monkeypatch.delenv(VARIABLE)
    choose_kernels(tmp_path / "there is no such file")
    assert VARIABLE not in os.environ
    choose_kernels(written(tmp_path, ZEN_4))
    assert os.environ[VARIABLE] == "Haswell"


def test_the_command_chooses_before_numpy_is_loaded() -> None:
    code = (
        "import sys, mulle.__main__ as command\n"
        "command.choose_kernels = lambda: print('numpy' in sys.modules)\n"
        "sys.argv = ['mulle', '--version']\n"
        "command.main()"
    )
    printed = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout
    assert printed.splitlines()[0] == "False"


def test_the_doctor_agrees(monkeypatch: pytest.MonkeyPatch) -> None:
    pool = {"internal_api": "openblas", "architecture": "Haswell"}
    monkeypatch.setattr("threadpoolctl.threadpool_info", lambda: [pool])
    monkeypatch.setattr(libraries, "cpu_has", lambda: ["avx512"])
    monkeypatch.setattr(libraries, "better_kernels", lambda: "Haswell")
    assert libraries.openblas_kernel().status == "ok"
