"""One thread for each worker, and everywhere the same kernels for products of matrices.

OpenBLAS chooses its kernels when it is loaded, by the processor, and not always the same ones on
the same machine; with others the last bits of a product differ.
"""

from __future__ import annotations

from mulle.kernels import VARIABLE

_ONE_THREAD = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "POLARS_MAX_THREADS")
_EVERYWHERE = {"Haswell", "Zen"}  # their instructions (AVX2) are those of any server of today


def one_thread() -> dict[str, str]:
    """Return the environment of a process that has one thread."""
    return dict.fromkeys(_ONE_THREAD, "1")


def same_kernels(*, elsewhere: bool = False) -> dict[str, str]:
    """Return what makes a worker multiply matrices with the kernels of this process.

    Args:
        elsewhere: whether its processor may be another; kernels that it may lack are not asked for.
    """
    found = kernels_here()
    return {VARIABLE: found} if found and (not elsewhere or found in _EVERYWHERE) else {}


def kernels_here() -> str:
    """Return the kernels of NumPy's OpenBLAS in this process; "" where it has another library."""
    from threadpoolctl import threadpool_info

    found = [each for each in threadpool_info() if each["internal_api"] == "openblas"]
    found.sort(key=lambda each: "numpy" not in each["filepath"])
    return str(found[0]["architecture"]) if found else ""
