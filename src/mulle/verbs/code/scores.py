"""How each metric is written in a script: a function of scikit-learn where one does the same."""

from __future__ import annotations

_VALUES = {
    "rmse": "root_mean_squared_error(y_test, p)",
    "mse": "mean_squared_error(y_test, p)",
    "mae": "mean_absolute_error(y_test, p)",
    "median_absolute_error": "median_absolute_error(y_test, p)",
    "mape": "mean_absolute_percentage_error(y_test[y_test != 0], p[y_test != 0])",
    "r2": "r2_score(y_test, p)",
    "mean_signed_error": "(p - y_test).mean()",
    "pinball_10": "mean_pinball_loss(y_test, p, alpha=0.1)",
    "pinball_90": "mean_pinball_loss(y_test, p, alpha=0.9)",
}
_LABELLED = {
    "accuracy": "accuracy_score(y_test, labels)",
    "balanced_accuracy": "recall_score(y_test, labels, labels=np.unique(y_test), average='macro')",
    "mcc": "matthews_corrcoef(y_test, labels)",
}
_RANKED = {"roc_auc": "roc_auc_score", "average_precision": "average_precision_score"}


def write_score(metric: str, classes: int) -> str:
    """Return the expression of a score of `p`, or of `labels`, on `y_test`."""
    if metric in _VALUES:
        return _VALUES[metric]
    if metric in _LABELLED:
        return _LABELLED[metric]
    if metric in _RANKED:
        function = _RANKED[metric]
        if classes == 2:
            return f"{function}(y_test, p[:, 1])"
        return f"one_against_rest({function}, y_test, p)"
    if metric == "log_loss":
        return f"log_loss(y_test, p, labels=range({classes}))"
    if metric == "brier":
        return "brier(y_test, p)"
    name, _, average = metric.partition("_")
    how = f"average={average or 'binary'!r}, zero_division=0"
    listed = "" if not average else f"labels=range({classes}), "
    return f"{name}_score(y_test, labels, {listed}{how})"
