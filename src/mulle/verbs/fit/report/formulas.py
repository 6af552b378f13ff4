"""How each metric is computed, as a formula that a reader can check."""

from __future__ import annotations

FORMULAS = {
    "accuracy": "Σᵢ [ŷᵢ = yᵢ] / n",
    "average_precision": "Σₖ (Rₖ − Rₖ₋₁) · Pₖ",
    "balanced_accuracy": "(1/C) Σₖ TPₖ / (TPₖ + FNₖ)",
    "brier": "(1/n) Σᵢ Σₖ (pᵢₖ − [yᵢ = k])²",
    "f1": "2 · P · R / (P + R)",
    "log_loss": "−(1/n) Σᵢ ln pᵢ(yᵢ)",
    "mae": "(1/n) Σᵢ |yᵢ − ŷᵢ|",
    "mape": "(1/n) Σᵢ |(yᵢ − ŷᵢ) / yᵢ|",
    "mcc": "(TP · TN − FP · FN) / √((TP+FP)(TP+FN)(TN+FP)(TN+FN))",
    "mean_signed_error": "(1/n) Σᵢ (ŷᵢ − yᵢ)",
    "median_absolute_error": "median |yᵢ − ŷᵢ|",
    "mse": "(1/n) Σᵢ (yᵢ − ŷᵢ)²",
    "pinball": "(1/n) Σᵢ max(α(yᵢ − ŷᵢ), (α − 1)(yᵢ − ŷᵢ))",
    "precision": "TP / (TP + FP)",
    "r2": "1 − Σᵢ (yᵢ − ŷᵢ)² / Σᵢ (yᵢ − ȳ)²",
    "recall": "TP / (TP + FN)",
    "rmse": "√((1/n) Σᵢ (yᵢ − ŷᵢ)²)",
    "roc_auc": "P(s₊ > s₋) + ½ P(s₊ = s₋)",
}
_OF_TWO = {"brier": "(1/n) Σᵢ (pᵢ − yᵢ)²"}  # the positive class alone


def formula(metric: str, *, binary: bool = False) -> str:
    """Return the formula of a metric, "" where there is none to show.

    >>> formula("f1_macro"), formula("brier", binary=True)
    ('2 · P · R / (P + R)', '(1/n) Σᵢ (pᵢ − yᵢ)²')
    """
    if binary and metric in _OF_TWO:
        return _OF_TWO[metric]
    return FORMULAS.get(metric) or FORMULAS.get(metric.split("_")[0], "")
