"""Diagnoses of the course of the losses: too fast, too slow, stuck, stalled.

catalogue  diag-plateau diag-stuck diag-lr-high diag-lr-low diag-adastall
"""

from __future__ import annotations

import numpy as np

from mulle.nn.optim import Adagrad
from mulle.nn.train.diagnosis.diagnosis import Diagnosis
from mulle.nn.train.diagnosis.evidence import Evidence

_EPOCHS = 6  # fewest epochs that show a course


def too_high(seen: Evidence) -> Diagnosis | None:
    """Find a loss that doubled since the beginning, or is not finite."""
    losses = seen.losses
    if len(losses) < 10:
        return None
    begin = float(np.mean(losses[:3]))
    end = float(np.mean(losses[-max(3, len(losses) // 10) :]))
    if np.isfinite(end) and end <= begin + abs(begin):
        return None
    return Diagnosis("diag-lr-high", {"begin": begin, "end": end})


def too_low(seen: Evidence) -> Diagnosis | None:
    """Find a loss that falls in every epoch, slowly, and no slower than at the beginning."""
    e = seen.epochs
    if len(e) < _EPOCHS:
        return None
    falls = -np.diff(e)
    third = len(falls) // 3
    pace = falls[-third:].mean() / max(falls[:third].mean(), 1e-30)
    steady = bool((falls > 0).all()) and 0.7 < pace < 1.4
    share = float((e[0] - e[-1]) / max(abs(e[0]), 1e-12))
    if not steady or not 1e-7 < share < 0.1:
        return None
    return Diagnosis("diag-lr-low", {"begin": float(e[0]), "end": float(e[-1]), "epochs": len(e)})


def plateau(seen: Evidence) -> Diagnosis | None:
    """Find a loss that fell a little and then stayed, above half of its first value."""
    e = seen.epochs
    if len(e) < _EPOCHS or not np.isfinite(e).all():
        return None
    late = e[-max(_EPOCHS // 2, len(e) // 4) :]
    share = float((e[0] - late.mean()) / max(abs(e[0]), 1e-12))
    flat = float(np.ptp(late)) < 1e-3 * abs(float(e[0]))
    if not flat or not 0.01 < share < 0.5:
        return None
    return Diagnosis("diag-plateau", {"loss": float(late.mean()), "epochs": len(late)})


def stuck(seen: Evidence) -> Diagnosis | None:
    """Find a loss that has not moved since the first epoch."""
    e = seen.epochs
    if len(e) < _EPOCHS or not np.isfinite(e).all():
        return None
    share = float(abs(e - e[0]).max() / max(abs(e[0]), 1e-12))
    if share > 0.01 or too_low(seen) is not None:
        return None
    return Diagnosis("diag-stuck", {"loss": float(e[-1]), "epochs": len(e)})


def adagrad_stall(seen: Evidence) -> Diagnosis | None:
    """Find tiny steps of AdaGrad despite large gradients, which look like convergence."""
    ada = seen.optimizer
    if not isinstance(ada, Adagrad) or ada.in_torch is not None or len(seen.epochs) < _EPOCHS:
        return None
    now = {w.name: w.strength for w in seen.weights}
    alive = [k for k, was in seen.earlier.items() if now.get(k, 0.0) > 0.2 * was > 0]
    gradients = [w.gradient.ravel() for w in seen.weights if w.name in alive]
    gradient = np.concatenate(gradients) if gradients else np.zeros(1)
    moved = ada.s > ada.initial  # not those that are frozen or that nothing reaches
    if not moved.any():
        return None
    rate = float(np.mean((ada.lr * ada.lr_factor / (np.sqrt(ada.s) + ada.eps))[moved]))
    step = rate * float(np.linalg.norm(gradient))
    ratio = step / max(float(np.linalg.norm(ada.w)), 1e-12)
    if not alive or ratio > 1e-4 or ada.steps < 50:
        return None
    return Diagnosis("diag-adastall", {"ratio": ratio, "steps": ada.steps})
