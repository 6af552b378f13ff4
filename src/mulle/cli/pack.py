"""`mulle pack`: a network that was made elsewhere becomes a `.mulle` file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from mulle.cli import console
from mulle.cli.exits import Exit
from mulle.cli.notices import tell
from mulle.cli.options import AsFormat, Format, Replace, example
from mulle.cli.reading_options import takes_reading
from mulle.cli.text_table import render_table
from mulle.errors import UsageError
from mulle.language import check_language, messages

if TYPE_CHECKING:
    from mulle.bundle import Model
    from mulle.table import ReadOptions


def add_to(app: typer.Typer) -> None:
    """Add the verb to the command line."""
    app.command(
        "pack",
        epilog=example(
            "mulle pack net.onnx --like rows.csv --target species"
            " --labels setosa,versicolor,virginica --activation softmax -o iris.mulle",
        ),
    )(takes_reading()(pack))


def pack(
    network: Annotated[str, typer.Argument(metavar="NETWORK")],
    like: Annotated[str, typer.Option(metavar="TABLE")],
    target: Annotated[str, typer.Option("--target", "-t", metavar="COLUMN")],
    labels: Annotated[str, typer.Option(metavar="A,B,...")] = "",
    columns: Annotated[str, typer.Option(metavar="A,B,...")] = "",
    activation: Annotated[str | None, typer.Option(metavar="softmax|sigmoid|none")] = None,
    shape: Annotated[str, typer.Option(metavar="N,N,...")] = "",
    network_output: Annotated[str, typer.Option(metavar="NAME")] = "",
    threshold: Annotated[float, typer.Option()] = 0.5,
    output: Annotated[Path | None, typer.Option("--output", "-o")] = None,
    replace: Replace = False,
    format: AsFormat = Format.text,
    *,
    reading: ReadOptions,
) -> Exit:
    """Make a model file of a network, and prove that both answer alike."""
    from mulle.bundle.networks import pack as pack_network
    from mulle.table import read

    path = output or Path(f"{Path(network).stem}.mulle")
    table = read(like, reading=reading)
    tell(table.reading.left_out, table.reading.doubts, like)
    model = pack_network(
        network,
        table,
        target,
        labels=_listed(labels),
        columns=_listed(columns),
        activation=activation,
        shape=_lengths(shape),
        output=network_output,
        threshold=threshold,
        path=path,
        replace=replace,
        lang=check_language(),
    )
    if format is Format.json:
        console.write_json(_summary(model, path))
    else:
        console.write(_to_text(model, path))
    return Exit.done


def _listed(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]


def _lengths(text: str) -> list[int]:
    """Return the lengths of an option such as 1,28,28.

    Raises:
        UsageError: one is no whole number above 0.
    """
    lengths = [int(part) if part.isdecimal() else 0 for part in _listed(text)]
    if not all(lengths):
        raise UsageError("network-shape-option", received=text)
    return lengths


def _summary(model: Model, path: Path) -> dict[str, object]:
    import msgspec

    manifest = model.manifest
    return {
        "file": str(path),
        "target": manifest.target.name,
        "task": manifest.task,
        "labels": list(manifest.labels),
        "columns": manifest.schema.names,
        "scores": manifest.scores.get("test", {}),
        "proof": msgspec.to_builtins(manifest.parity),
        "latency_us": manifest.latency_us,
        "filled": manifest.lineage.get("filled", {}),
    }


def _to_text(model: Model, path: Path) -> str:
    """Return the file, its proof and its scores, set to be read."""
    from mulle.cli.fit_summary import name_metric
    from mulle.i18n.format import score

    words, manifest = messages(), model.manifest
    proof = manifest.parity
    lines = [words("pack.file", file=str(path), target=manifest.target.name,
                   columns=len(manifest.schema.names))]  # fmt: skip
    if proof is not None:
        lines.append(
            words("pack.proof", rows=proof.rows, flips=proof.label_flips,
                  largest=proof.max_abs_diff)
        )  # fmt: skip
    lines.append(words("pack.latency", median=manifest.latency_us["p50"]))
    if filled := manifest.lineage.get("filled"):
        lines.append(words("pack.filled", columns=list(filled)))
    scores = manifest.scores.get("test", {})
    if not scores:
        lines.append(words("pack.no-scores", target=manifest.target.name))
        return "\n".join(lines)
    rows = [
        (name_metric(name, manifest.target.positive), score(value))
        for name, value in scores.items()
        if value is not None
    ]
    return "\n".join([*lines, "", words("pack.scores"), "", render_table((), rows)])
