"""torch and CUDA: a build with CUDA, a driver new enough, a device in sight are three facts.

Without `deep`, nothing is imported: the build is read from a file of torch's, the driver is asked
through its own library, and the devices are those the driver lists.

catalogue  env-gpu env-torch-install
"""

from __future__ import annotations

import ctypes
import importlib
import importlib.util
import os
import re
import sys
from pathlib import Path
from typing import Any

from mulle.doctor.check import CheckResult, set_variable, this_python

_INDEX = "https://download.pytorch.org/whl"
# A build that is there for each major version of CUDA; a driver runs all minors of its major.
_BUILDS = {11: "cu118", 12: "cu126", 13: "cu130"}


def torch_build() -> CheckResult:
    """Is torch there, and was it built with CUDA?"""
    build = _torch_build()
    if build is None:
        return CheckResult("torch-build", "ok", "none")
    version, cuda = build
    values = {"version": version, "cuda": cuda}
    if cuda:
        return CheckResult("torch-build", "ok", "cuda", values)
    driver = _driver_cuda()
    if driver is None:
        return CheckResult("torch-build", "ok", "cpu", values)
    fix = _install_torch(driver)
    return CheckResult("torch-build", "note", "cpu-with-driver", values, fix)


def cuda_driver() -> CheckResult:
    """Is there an NVIDIA driver, and is it new enough for the CUDA of torch's build?"""
    driver, build = _driver_cuda(), _torch_build()
    cuda = build[1] if build else ""
    values = {"driver_cuda": ".".join(map(str, driver or ())), "torch_cuda": cuda}
    if driver is None:
        if not cuda:
            return CheckResult("cuda-driver", "ok", "none")
        return CheckResult("cuda-driver", "note", "missing", values, _install_torch(None))
    # Within one major version of CUDA, an older driver runs a newer build (from CUDA 11 on).
    if cuda and driver[0] < int(cuda.split(".")[0]):
        return CheckResult("cuda-driver", "warn", "old", values, _install_torch(driver))
    return CheckResult("cuda-driver", "ok", "fine", values)


def cuda_device() -> CheckResult:
    """Does the driver list a device, and does the environment let us see it?"""
    listed = _listed_devices()
    visible = os.environ.get("CUDA_VISIBLE_DEVICES")
    values = {"listed": listed, "visible": visible}
    if not listed:
        return CheckResult("cuda-device", "ok", "none", values)
    if visible is not None and visible.strip() in {"", "-1"}:
        everything = ",".join(map(str, range(listed)))
        fix = set_variable("CUDA_VISIBLE_DEVICES", everything)
        return CheckResult("cuda-device", "note", "hidden", values, fix)
    return CheckResult("cuda-device", "ok", "fine", values)


def torch_device() -> CheckResult:
    """Can torch itself use a device? Imports torch, so only asked when `deep`."""
    build = _torch_build()
    if build is None:
        return CheckResult("torch-device", "ok", "none")
    torch: Any = importlib.import_module("torch")
    count = torch.cuda.device_count() if torch.cuda.is_available() else 0
    names = [torch.cuda.get_device_name(i) for i in range(count)]
    values = {"devices": names, "torch_cuda": build[1]}
    if names:
        return CheckResult("torch-device", "ok", "fine", values)
    if build[1] and _listed_devices():
        return CheckResult(
            "torch-device", "warn", "unusable", values, _install_torch(_driver_cuda())
        )
    return CheckResult("torch-device", "ok", "cpu", values)


def _install_torch(driver: tuple[int, int] | None) -> str:
    """Install the newest build that a driver can run, or the one for the processor."""
    able = [build for major, build in _BUILDS.items() if driver and major <= driver[0]]
    index = f"{_INDEX}/{able[-1] if able else 'cpu'}"
    return this_python(f"-m pip install --force-reinstall torch --index-url {index}")


def _torch_build() -> tuple[str, str] | None:
    """Version of torch and of its CUDA ("" for none), read and not imported."""
    spec = importlib.util.find_spec("torch")
    if spec is None or not spec.submodule_search_locations:
        return None
    path = Path(spec.submodule_search_locations[0]) / "version.py"
    text = path.read_text(encoding="utf-8") if path.exists() else ""
    version = re.search(r"^__version__[^=]*= *['\"]([^'\"]+)", text, re.MULTILINE)
    cuda = re.search(r"^cuda[^=]*= *['\"]([\d.]+)", text, re.MULTILINE)
    return (version[1] if version else "unknown"), (cuda[1] if cuda else "")


def _driver_cuda() -> tuple[int, int] | None:
    """The newest CUDA (major, minor) that the driver knows; None without a driver."""
    name = "nvcuda.dll" if sys.platform == "win32" else "libcuda.so.1"
    try:
        library = ctypes.CDLL(name)
        number = ctypes.c_int()
        refused = library.cuDriverGetVersion(ctypes.byref(number))
    except (OSError, AttributeError):
        return None
    # 12040 stands for 12.4 (CUDA driver API, cuDriverGetVersion).
    return None if refused else (number.value // 1000, number.value % 1000 // 10)


def _listed_devices() -> int:
    """Devices that the driver lists; only Linux has the list in files."""
    folder = Path("/proc/driver/nvidia/gpus")
    return len(list(folder.iterdir())) if folder.is_dir() else 0
