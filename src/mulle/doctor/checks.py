"""All checks of the environment in their order, each with the command that mends it."""

from __future__ import annotations

from mulle.doctor import gpu, libraries, machine, python, text
from mulle.doctor.check import CheckResult, run_checks

CHECKS = (
    python.python_version,
    python.python_environment,
    python.python_path,
    python.python_pip,
    python.python_store,
    python.conda_channels,
    machine.cpu_features,
    machine.cpu_cores,
    machine.memory,
    machine.disk,
    text.locale_encoding,
    text.console_encoding,
    text.filesystem_encoding,
    text.temp_path,
    text.working_path,
    libraries.library_versions,
    libraries.openmp_runtimes,
    libraries.openblas_kernel,
    gpu.torch_build,
    gpu.cuda_driver,
    gpu.cuda_device,
)
DEEP_CHECKS = (gpu.torch_device,)


def examine(*, deep: bool = False) -> list[CheckResult]:
    """Run all checks in order; one that breaks is itself a finding and stops no other.

    Args:
        deep: also import torch, if it is there, and ask it for its devices (seconds, not
            milliseconds).

    >>> {check.status for check in examine()} <= {"ok", "note", "warn", "fail"}
    True
    """
    return run_checks(CHECKS + (DEEP_CHECKS if deep else ()))
