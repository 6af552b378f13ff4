"""Text columns with a pretrained encoder: made ready, checked, each distinct text embedded once."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec

from mulle.budget import TimeUp
from mulle.steps.encoder import Encoder, cell_text, prepare_encoder
from mulle.table import Kind
from mulle.verbs.fit.data import Data
from mulle.verbs.fit.plan import Plan
from mulle.verbs.fit.progress import Progress
from mulle.verbs.fit.run import Run
from mulle.verbs.fit.split import Split

VARIABLE = "MULLE_ENCODER"
FOLDER = "encoder"  # within the folder of the run
MOST_OF_BUDGET = 0.6  # of the time left, that embedding may take
TEXTS_LOOKED_AT = 300  # for how the tokenizer splits them


def encoder_of(given: str | Path | None) -> str | None:
    """Return the folder of the encoder: as given, or that of MULLE_ENCODER; "" asks for none."""
    named = os.environ.get(VARIABLE) if given is None else str(given)
    return named or None


def with_encoder(plan: Plan, encoder: str) -> Plan:
    """Return a plan whose texts are embedded by the encoder of this run."""

    def here(step: dict[str, Any]) -> dict[str, Any]:
        return step | {"encoder": encoder} if encoder and step.get("step") == "Embed" else step

    features = [
        msgspec.structs.replace(block, steps=[here(step) for step in block.steps])
        for block in plan.features
    ]
    return msgspec.structs.replace(plan, features=features)


def encode_texts(data: Data, run: Run, progress: Progress) -> Data:
    """Make the encoder ready and embed all texts, where there are any and time allows.

    Raises:
        MissingFile, MissingExtra, UnknownName, DataError: see `nn.pretrained`.
    """
    settings = run.settings
    columns = [c.name for c in data.train.table.schema.columns if c.kind is Kind.text]
    if settings.encoder is None:
        return data
    if not columns:
        name = Path(settings.encoder).name
        run.decisions.add("encoder-unused", name=name)
        progress.warn("encoder-unused", name=name)
        return data
    train, test = _texts(data.train, columns), _texts(data.test, columns)
    encoder = prepare_encoder(
        settings.encoder,
        run.folder / FOLDER,
        max_length=settings.max_tokens,
        texts=train,
        held_out=test,
    )
    texts = sorted({*train, *test})
    _caution(encoder, texts, run, progress)
    a_text = _embed(encoder, texts, run, progress)
    if a_text is None:
        return data
    about = encoder.about
    if about.kept < about.vocabulary:
        run.decisions.add("encoder-cut", kept=about.kept, vocabulary=about.vocabulary,
                          changed=about.changed)  # fmt: skip
    run.decisions.add("encoder-used", columns=columns, name=about.name, texts=len(texts),
                      architecture=about.architecture, width=about.width,
                      max_length=about.max_length, licence=about.licence)  # fmt: skip
    return replace(data, encoder=str(encoder.folder.resolve()), seconds_a_text=a_text)


def _texts(split: Split, columns: list[str]) -> list[str]:
    """Return the distinct texts of some rows."""
    return sorted({str(text) for column in columns for text in split.columns[column][:, 0]})


def _embed(encoder: Encoder, texts: list[str], run: Run, progress: Progress) -> float | None:
    """Embed texts; return the seconds of one, None where there was no time for all of them."""
    left = run.budget.left() * MOST_OF_BUDGET
    promised = run.settings.seconds is not None

    a_text = 0.0

    def forecast(count: int, seconds: float) -> None:
        nonlocal a_text
        a_text = seconds / count
        if promised and seconds > left:
            run.decisions.add("encoder-slow", texts=count, seconds=seconds, left=left)
            progress.warn("encoder-slow", texts=count, seconds=seconds, left=left)
            raise TimeUp
        run.decisions.add("encoder-forecast", texts=count, seconds=seconds)
        progress.note("encoder-forecast", texts=count, seconds=seconds)

    try:
        encoder.embed(texts, forecast=forecast, stop=run.budget.stop)
    except TimeUp:
        return None
    return a_text


def _caution(encoder: Encoder, texts: list[str], run: Run, progress: Progress) -> None:
    """Say before anything is trained that a tokenizer takes Hangul apart."""
    from mulle.nn.pretrained import split_of_hangul

    step = max(1, len(texts) // TEXTS_LOOKED_AT)
    split = split_of_hangul(encoder.tokenizer, [cell_text(text)[:200] for text in texts[::step]])
    if split.apart:
        values: dict[str, Any] = {
            "name": encoder.about.name,
            "unknown": split.unknown,
            "tokens": split.tokens,
        }
        run.decisions.add("encoder-hangul", **values)
        progress.warn("encoder-hangul", **values)
