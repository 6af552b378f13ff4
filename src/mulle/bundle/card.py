"""The model card: what a bundle predicts, from what, how well, and what nobody has tried.

Markdown with the front matter that model hubs read. All of it is a view of the manifest; a licence
is not among what is known, so none is named.

catalogue  onnx-format

source  Mitchell et al., "Model Cards for Model Reporting", 2019, for the sections
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, Literal

from mulle.bundle.manifest import Manifest
from mulle.bundle.words import WORDS
from mulle.table import Column, Storage

Lang = Literal["en", "ko"]
_EXAMPLES: dict[Storage, Any] = {
    Storage.number: 1.5,
    Storage.date: "2024-03-01",
    Storage.string: "text",
}
_SHOWN_LABELS = 20


def card(manifest: Manifest, lang: Lang = "en") -> str:
    """The card of a bundle, as Markdown.

    Args:
        manifest: as it is written, scores and proof included.
        lang: `en` or `ko`.
    """
    words = WORDS[lang]
    sections = [
        ("", _what(manifest, words)),
        (words["trained"], _trained(manifest, words)),
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
    """A row with the usual value of each column: something to send, not something to learn from."""
    from datetime import UTC, datetime

    row: dict[str, Any] = {}
    for column in manifest.schema.columns:
        value = manifest.reference.get(column.name, _EXAMPLES[column.storage])
        if column.storage is Storage.date and isinstance(value, int | float):
            moment = datetime.fromtimestamp(int(value) // 1_000_000, UTC)
            value = moment.replace(tzinfo=None).isoformat(sep=" ")
        row[column.name] = value
    return row


def _front(manifest: Manifest, lang: str) -> str:
    """Front matter; JSON values, because JSON is YAML and cannot be misquoted."""
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


def _what(manifest: Manifest, words: dict[str, str]) -> Iterator[str]:
    yield words[manifest.task].format(
        target=_escaped(manifest.target.name), n=len(manifest.schema.names), k=len(manifest.labels)
    )
    if manifest.labels:
        shown = [f"`{_escaped(str(label))}`" for label in manifest.labels[:_SHOWN_LABELS]]
        more = [f"… {len(manifest.labels):,}"] if len(manifest.labels) > _SHOWN_LABELS else []
        yield ""
        yield words["labels"].format(labels=", ".join(shown + more))


def _trained(manifest: Manifest, words: dict[str, str]) -> Iterator[str]:
    facts = {
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


def _scores(manifest: Manifest, words: dict[str, str]) -> Iterator[str]:
    if not manifest.scores:
        yield words["no-scores"]
        return
    tested = manifest.lineage.get("test_rows")
    yield words["scores-text"] if tested is None else words["scores-rows"].format(rows=tested)
    yield ""
    parts = list(manifest.scores)
    yield f"| {words['metric']} | {' | '.join(words.get(part, part) for part in parts)} |"
    yield "|---" * (len(parts) + 1) + "|"
    for metric in dict.fromkeys(m for part in parts for m in manifest.scores[part]):
        cells = [_number(manifest.scores[part].get(metric)) for part in parts]
        mark = " \\*" if metric == manifest.metric else ""
        yield f"| {metric}{mark} | {' | '.join(cells)} |"
    yield ""
    yield words["metric-mark"]


def _proof(manifest: Manifest, words: dict[str, str]) -> Iterator[str]:
    proof = manifest.parity
    if proof is None:
        yield words["no-proof"]
        return
    yield words["proof-text"].format(
        rows=proof.rows,
        generated=proof.generated,
        flips=proof.label_flips,
        near=proof.near_boundary,
        largest=proof.max_abs_diff,
    )


def _columns(manifest: Manifest, words: dict[str, str]) -> Iterator[str]:
    yield f"| {words['column']} | {words['kind']} | {words['usual']} |"
    yield "|---|---|---|"
    for column, value in zip(manifest.schema.columns, example_row(manifest).values(), strict=True):
        yield f"| {_escaped(column.name)} | {column.kind} | {_usual(column, value, manifest)} |"


def _usual(column: Column, value: Any, manifest: Manifest) -> str:
    if manifest.reference.get(column.name) is None:
        return "–"
    return _number(value) if isinstance(value, int | float) else _escaped(str(value)[:60])


def _use(manifest: Manifest, words: dict[str, str]) -> Iterator[str]:
    yield from ("```", f"mulle predict {words['model']}.mulle {words['rows']}.csv", "```", "")
    row = example_row(manifest)  # a dict of plain values: its repr is its Python source
    yield from ("```python", "import mulle", "", f'model = mulle.load("{words["model"]}.mulle")')
    yield f"model.predict({row})"
    if manifest.labels:
        yield "model.predict_proba(rows)  # " + words["proba"]
    yield f"model.predict(rows, why=True)  # {words['why']}"
    yield "```"


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:,.6g}"


def _escaped(text: str) -> str:
    """Text that is neither a table's bar, a tag nor a line of its own in Markdown."""
    flat = " ".join(text.split())
    for mark in "\\`*_[]|<>#":
        flat = flat.replace(mark, f"\\{mark}")
    return flat
