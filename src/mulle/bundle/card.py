"""The model card: what a bundle predicts, from what, how well, and what nobody has tried.

Markdown with the front matter that model hubs read. All of it is a view of the manifest; a licence
is not among what is known, so none is named.

catalogue  onnx-format

source  Mitchell et al., "Model Cards for Model Reporting", 2019, for the sections
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from mulle.bundle.manifest import Manifest
from mulle.i18n import Lang, Messages
from mulle.metrics import METRICS
from mulle.metrics import metric as named_metric
from mulle.table import Column, Storage

_EXAMPLES: dict[Storage, Any] = {
    Storage.number: 1.5,
    Storage.date: "2024-03-01",
    Storage.string: "text",
}
MAX_LABELS = 20  # that are named
METRIC_NAMES = {metric.name for metric in METRICS}


class _Words:
    """The words of cards in one language."""

    def __init__(self, lang: Lang) -> None:
        self._messages = Messages(lang)

    def __call__(self, key: str, **values: Any) -> str:
        return self._messages(f"model-card.{key}", **values)

    def __getitem__(self, key: str) -> str:
        return self(key)

    def name(self, key: str) -> str:
        """Return what `key` is called; itself where there is no word for it."""
        return self._messages.name("model-card", key)


def card(manifest: Manifest, lang: Lang = "en") -> str:
    """Return the card of a bundle, as Markdown.

    Args:
        manifest: as it is written, scores and proof included.
        lang: `en` or `ko`.
    """
    words = _Words(lang)
    sections = [
        ("", _what(manifest, words)),
        (words["packed" if _is_packed(manifest) else "trained"], _trained(manifest, words)),
        (words["scores"], _scores(manifest, words)),
        (words["proof"], _proof(manifest, words)),
        (words["columns"], _columns(manifest, words)),
        (words["unusual"], [words["unusual-text"]]),
        (words["limits"], [words["limits-text"]]),
        (words["use"], _use(manifest, words)),
    ]
    lines = [_front(manifest, lang), f"# {_escaped(manifest.target.name)}", ""]
    for title, body in sections:
        lines += [f"## {title}", ""] if title else []
        lines += [*body, ""]
    return "\n".join(lines)


def example_row(manifest: Manifest) -> dict[str, Any]:
    """Return a row with the usual value of each column: to be sent, not to be learned from."""
    from datetime import UTC, datetime

    row: dict[str, Any] = {}
    for column in manifest.schema.asked:
        value = manifest.usual.get(column.name, _EXAMPLES[column.storage])
        if column.storage is Storage.date and isinstance(value, int | float):
            moment = datetime.fromtimestamp(int(value) // 1_000_000, UTC)
            value = moment.replace(tzinfo=None).isoformat(sep=" ")
        row[column.name] = value
    return row


def _front(manifest: Manifest, lang: str) -> str:
    """Return the front matter, with JSON values, because JSON is YAML and cannot be misquoted."""
    sort = "tabular-regression" if manifest.task == "regression" else "tabular-classification"
    test = {name: value for name, value in manifest.scores.get("test", {}).items() if value}
    result = {
        "task": {"type": sort},
        "dataset": {"name": str(manifest.lineage.get("source", "")), "type": "tabular"},
        "metrics": [{"type": name, "value": value} for name, value in test.items()],
    }
    keys = {
        "language": [lang],
        "library_name": "mulle",
        "pipeline_tag": sort,
        "tags": ["tabular", "onnx", "mulle", manifest.task],
        "metrics": list(test),
        "model-index": [{"name": manifest.target.name, "results": [result]}],
    }
    lines = [f"{key}: {json.dumps(value, ensure_ascii=False)}" for key, value in keys.items()]
    return "\n".join(["---", *lines, "---", ""])


def _what(manifest: Manifest, words: _Words) -> Iterator[str]:
    yield words(
        manifest.task,
        target=_escaped(manifest.target.name),
        columns=len(manifest.schema.asked),
        classes=len(manifest.labels),
    )
    if manifest.labels:
        shown = [f"`{_escaped(str(label))}`" for label in manifest.labels[:MAX_LABELS]]
        more = [f"… {len(manifest.labels):,}"] if len(manifest.labels) > MAX_LABELS else []
        yield ""
        yield words("labels", labels=", ".join(shown + more))
    if manifest.target.positive is not None:
        label = _escaped(str(manifest.target.positive))
        yield ""
        yield words("positive", label=label, threshold=manifest.threshold)


def _is_packed(manifest: Manifest) -> bool:
    """Tell whether the model is a network that was made elsewhere."""
    return "network" in manifest.lineage


def _trained(manifest: Manifest, words: _Words) -> Iterator[str]:
    filled = manifest.lineage.get("filled", {})
    facts = {
        "network": manifest.lineage.get("network"),
        "maker": manifest.lineage.get("maker"),
        "activation": manifest.lineage.get("activation") if manifest.labels else None,
        "source": manifest.lineage.get("source"),
        "rows": manifest.lineage.get("rows"),
        "plans": ", ".join(manifest.lineage.get("plans", [])),
        "seed": manifest.lineage.get("seed"),
        "created": manifest.created,
        "mulle": manifest.mulle,
    }
    for name, value in facts.items():
        if value not in (None, ""):
            shown = f"{value:,}" if name == "rows" else _escaped(str(value))
            yield f"- {words[f'fact-{name}']}: {shown}"
    if filled:
        yield ""
        yield words("packed-filled", count=len(filled))


def _scores(manifest: Manifest, words: _Words) -> Iterator[str]:
    if not manifest.scores:
        yield words["no-scores"]
        return
    tested = manifest.lineage.get("test_rows")
    if _is_packed(manifest):
        yield words["packed-scores"]
    else:
        yield words["scores-text"] if tested is None else words("scores-rows", rows=tested)
    yield ""
    parts = list(manifest.scores)
    yield f"| {words['metric']} | {' | '.join(words.name(part) for part in parts)} |"
    yield "|---" * (len(parts) + 1) + "|"
    for metric in dict.fromkeys(m for part in parts for m in manifest.scores[part]):
        cells = [_number(manifest.scores[part].get(metric)) for part in parts]
        mark = " \\*" if metric == manifest.metric else ""
        yield f"| {_metric(metric, manifest)}{mark} | {' | '.join(cells)} |"
    yield ""
    yield words["packed-mark" if _is_packed(manifest) else "metric-mark"]


def _metric(name: str, manifest: Manifest) -> str:
    """Return a metric's name, with the positive class where it is about that."""
    positive = manifest.target.positive
    if positive is None or name not in METRIC_NAMES or not named_metric(name).about_positive:
        return name
    return f"{name} (`{_escaped(str(positive))}`)"


def _proof(manifest: Manifest, words: _Words) -> Iterator[str]:
    proof = manifest.parity
    if proof is None:
        yield words["no-proof"]
        return
    yield words(
        "packed-proof" if _is_packed(manifest) else "proof-text",
        rows=proof.rows,
        generated=proof.generated,
        flips=proof.label_flips,
        near=proof.near_boundary,
        largest=proof.max_abs_diff,
    )


def _columns(manifest: Manifest, words: _Words) -> Iterator[str]:
    yield f"| {words['column']} | {words['kind']} | {words['usual']} |"
    yield "|---|---|---|"
    for column, value in zip(manifest.schema.asked, example_row(manifest).values(), strict=True):
        yield f"| {_escaped(column.name)} | {column.kind} | {_usual(column, value, manifest)} |"


def _usual(column: Column, value: Any, manifest: Manifest) -> str:
    if manifest.usual.get(column.name) is None:
        return "–"
    return _number(value) if isinstance(value, int | float) else _escaped(str(value)[:60])


def _use(manifest: Manifest, words: _Words) -> Iterator[str]:
    yield from ("```", "mulle predict model.mulle rows.csv", "```", "")
    row = example_row(manifest)  # a dict of plain values: its repr is its Python source
    yield from ("```python", "import mulle", "", 'model = mulle.load("model.mulle")')
    yield f"model.predict({row})"
    if manifest.labels:
        yield "model.predict_proba(rows)  # " + words["proba"]
    yield f"model.predict(rows, why=True)  # {words['why']}"
    yield "```"


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:,.6g}"


def _escaped(text: str) -> str:
    """Return text with nothing in it that Markdown reads as a table, a tag or a line."""
    flat = " ".join(text.split())
    for mark in "\\`*_[]|<>#":
        flat = flat.replace(mark, f"\\{mark}")
    return flat
