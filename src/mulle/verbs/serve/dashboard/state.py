"""What changes while a server runs, as the dashboard polls it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from mulle.i18n import Lang

if TYPE_CHECKING:
    from mulle.verbs.serve.models import LoadedModel
    from mulle.verbs.serve.monitor.traffic import Traffic
    from mulle.verbs.serve.service import Service


def state_of(service: Service, traffic: Traffic, lang: Lang) -> dict[str, Any]:
    """Return the traffic, the versions with their counts, and bundles that could not be loaded."""
    answered = _count_by_version(service)
    models = []
    for name in service.repository.names:
        served = service.repository[name]
        aliases = {v: [a for a, to in served.aliases.items() if to == v] for v in served.versions}
        models.append({
            "name": name,
            "default": served.default,
            "versions": [
                _version(loaded, aliases[v], answered) for v, loaded in served.versions.items()
            ],
        })  # fmt: skip
    return {
        "traffic": list(traffic.samples),
        "models": models,
        "not_loaded": [f.describe(lang) for f in service.repository.failures],
    }


def _version(
    loaded: LoadedModel, aliases: list[str], answered: dict[tuple[str, str], dict[str, float]]
) -> dict[str, Any]:
    manifest = loaded.model.manifest
    return {
        "version": loaded.version,
        "aliases": aliases,
        "created": manifest.created,
        "loaded": loaded.loaded_at,
        "metric": manifest.metric,
        "score": manifest.scores.get("test", {}).get(manifest.metric),
        "report": find_report(loaded.path) is not None,
        **answered.get((loaded.name, loaded.version), {"rows": 0, "requests": 0, "failures": 0}),
    }


def _count_by_version(service: Service) -> dict[tuple[str, str], dict[str, float]]:
    """Return what all processes have counted, by model and version."""
    names = {
        "model_rows_total": "rows",
        "model_infer_request_success_total": "requests",
        "model_infer_request_failure_total": "failures",
    }
    found: dict[tuple[str, str], dict[str, float]] = {}
    for family in service.metrics.everyone().collect():
        for name, labels, value, *_ in family.samples:
            if name in names:
                key = (labels["model"], labels["version"])
                of = found.setdefault(key, dict.fromkeys(names.values(), 0.0))
                of[names[name]] += value
    return found


def find_report(bundle: str) -> Path | None:
    """Return the report beside a bundle, where `mulle fit` writes it; None if there is none."""
    path = Path(bundle).with_suffix(".html")
    return path if path.is_file() else None
