"""The options of reading: written once, and given to each verb that reads a table.

A command names a parameter `reading`; in its place it gets the options, and is handed what they
decide as `ReadOptions`. A verb with a model takes those about the file alone: what cells mean
stands in the model.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Annotated, Any

import typer

from mulle.cli import console
from mulle.cli.options import pairs
from mulle.errors import UsageError
from mulle.language import messages

if TYPE_CHECKING:
    from mulle.table import ReadOptions

_Texts = list[str] | None
_FILE: dict[str, tuple[Any, Any]] = {
    "reading": (str | None, typer.Option("--reading", metavar="FILE")),
    "encoding": (str | None, typer.Option(metavar="NAME")),
    "delimiter": (str | None, typer.Option(metavar="MARK")),
    "skip": (int | None, typer.Option(metavar="ROWS")),
    "header": (int | None, typer.Option(metavar="ROWS")),
    "sheet": (str | None, typer.Option(metavar="NAME")),
    "keep_rows": (bool, typer.Option("--keep-rows")),
}
_COLUMNS: dict[str, tuple[Any, Any]] = {
    "decimal": (_Texts, typer.Option(metavar="[COLUMN=]MARK")),
    "dates": (_Texts, typer.Option(metavar="[COLUMN=]ymd|dmy|mdy")),
    "missing": (_Texts, typer.Option(metavar="[COLUMN=]WORD")),
    "not_missing": (_Texts, typer.Option("--no-missing", metavar="[COLUMN=]WORD")),
    "kinds": (_Texts, typer.Option(metavar="COLUMN=KIND")),
    "order": (_Texts, typer.Option(metavar="COLUMN=A<B<C")),
    "keep": (_Texts, typer.Option(metavar="COLUMN")),
    "fold_case": (_Texts, typer.Option(metavar="COLUMN")),
    "drop": (_Texts, typer.Option(metavar="COLUMN")),
    "repair": (bool, typer.Option("--repair/--no-repair")),
}
NAMES = (*_FILE, *_COLUMNS)  # listed apart in help
_DEFAULTS = {"keep_rows": False, "repair": True}
_MARKS = {r"\t": "\t", "tab": "\t", "space": " "}


def takes_reading(*, of_columns: bool = True) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Return a decorator that gives a command the options of reading.

    Args:
        of_columns: whether columns are decided about, and not the file alone.
    """
    options = {**_FILE, **(_COLUMNS if of_columns else {})}

    def decorate(command: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(command)
        def wrapped(**given: Any) -> Any:
            choices = {name: given.pop(name) for name in options}
            reading = read_choices(**choices)
            if not of_columns and reading.columns:
                names = {"columns": list(reading.columns)}
                console.warn(messages()("cli.columns-of-the-model", **names))
            return command(**given, reading=reading)

        command.__annotations__.pop("reading")  # its type is imported for type checkers alone
        signature = inspect.signature(command, eval_str=True)
        own = [p for p in signature.parameters.values() if p.name != "reading"]
        parameters = [*own, *(_parameter(name, *how) for name, how in options.items())]
        wrapped.__signature__ = signature.replace(parameters=parameters)  # type: ignore[attr-defined]
        wrapped.__annotations__ = {p.name: p.annotation for p in parameters}
        return wrapped

    return decorate


def _parameter(name: str, form: Any, option: Any) -> inspect.Parameter:
    return inspect.Parameter(
        name,
        inspect.Parameter.KEYWORD_ONLY,
        default=_DEFAULTS.get(name),
        annotation=Annotated[form, option],
    )


def read_choices(
    reading: str | None = None,
    *,
    delimiter: str | None = None,
    decimal: Iterable[str] | None = None,
    dates: Iterable[str] | None = None,
    missing: Iterable[str] | None = None,
    not_missing: Iterable[str] | None = None,
    kinds: Iterable[str] | None = None,
    order: Iterable[str] | None = None,
    keep: Iterable[str] | None = None,
    fold_case: Iterable[str] | None = None,
    drop: Iterable[str] | None = None,
    **file: Any,
) -> ReadOptions:
    """Return what options of the command line decide.

    Raises:
        UsageError: one is not written as it must be.
        UnknownName: a kind that does not exist, or a key of the file of a reading.
    """
    from mulle.table import read_options

    both = {"decimal": decimal, "dates": dates, "missing": missing, "not_missing": not_missing}
    parted = {name: _by_column(given or ()) for name, given in both.items()}
    for_all = {
        name: (words[-1] if name in {"decimal", "dates"} else tuple(words)) if words else None
        for name, (words, _) in parted.items()
    }
    named = {
        name: {column: words[-1] for column, words in own.items()}
        if name in {"decimal", "dates"}
        else own
        for name, (_, own) in parted.items()
    }
    options = read_options(
        reading,
        delimiter=None if delimiter is None else _MARKS.get(delimiter, delimiter),
        kinds=pairs(list(kinds or ()), "--kinds", "zip=nominal"),
        order=_orders(order or ()),
        keep=tuple(keep or ()),
        fold_case=tuple(fold_case or ()),
        drop=tuple(drop or ()),
        **{name: value for name, value in for_all.items() if value is not None},
        **file,
    )
    return read_options(options, **named)


def given_options(options: ReadOptions) -> list[str]:
    """Return the names of options of the command line that decide something, as `--skip`."""
    import msgspec

    from mulle.table import ReadOptions

    usual = ReadOptions()
    names = [name for name in msgspec.structs.asdict(usual)
             if getattr(options, name) != getattr(usual, name)]  # fmt: skip
    return [f"--{name.replace('_', '-')}" if name in _FILE else "--reading" for name in names]


def without_drop(options: ReadOptions) -> ReadOptions:
    """Return the decisions without the columns to leave out, for a verb that lists them itself."""
    import msgspec

    return msgspec.structs.replace(options, drop=())


def _by_column(given: Iterable[str]) -> tuple[list[str], dict[str, list[str]]]:
    """Return what is meant for all columns, and what is meant for one as COLUMN=VALUE."""
    for_all: list[str] = []
    named: dict[str, list[str]] = {}
    for text in given:
        column, equals, value = text.rpartition("=")
        if equals and column:
            named.setdefault(column.strip(), []).append(value.strip())
        else:
            for_all.append(text)
    return for_all, named


def _orders(given: Iterable[str]) -> dict[str, list[str]]:
    """Return the orders of categories, the lowest first.

    Raises:
        UsageError: one names fewer than two categories.
    """
    sample = "grade=low<middle<high"
    found = {}
    for column, text in pairs(list(given), "--order", sample).items():
        found[column] = [label.strip() for label in text.split("<")]
        if len(found[column]) < 2 or not all(found[column]):
            raise UsageError("order-too-short", column=column, received=text, sample=sample)
    return found
