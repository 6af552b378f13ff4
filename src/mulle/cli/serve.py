"""`mulle serve`: answer requests with model files, over HTTP."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer

from mulle.cli import console
from mulle.cli.exits import Exit
from mulle.cli.options import example
from mulle.language import messages
from mulle.verbs.serve.settings import LOOPBACK, SETTINGS, Setting

_TYPES: dict[str, type] = {"path": Path, "integer": int, "text": str, "choice": str}


def add_to(app: typer.Typer) -> None:
    """Make the verb known."""
    app.command(
        "serve",
        epilog=example(
            "mulle serve titanic.mulle",
            "mulle serve churn@champion prices=models/prices.mulle --port 9000 --workers 2",
            "mulle serve titanic.mulle --print-config > serve.toml",
            "mulle serve --config serve.toml",
            "curl localhost:8080/predict -H 'content-type: application/json' -d '{\"age\": 31}'",
        ),
    )(_with_options(serve))


def serve(
    context: typer.Context,
    models: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="MODEL",
            show_default=False,
        ),
    ] = None,
    config: Annotated[
        Path | None,
        typer.Option(metavar="FILE"),
    ] = None,
    print_config: Annotated[
        bool,
        typer.Option("--print-config"),
    ] = False,
    **options: Any,
) -> Exit:
    """Answer requests with model files, over HTTP, until stopped.

    Replaced files and moved aliases are taken up while the server runs, without losing a request.
    The options are those that are often typed; every other setting is a key of the file of
    --config.
    """
    from mulle.errors import UsageError
    from mulle.i18n import current_language
    from mulle.verbs.serve.config import load_settings, write_config
    from mulle.verbs.serve.server import run

    words = messages()
    given = {name: value for name, value in options.items() if _is_given(context, name)}
    settings = load_settings(config, {"models": models, **given}, {"lang": current_language()})
    if print_config:
        console.write(write_config(settings, words).rstrip("\n"))
        return Exit.done
    if not settings.models:
        raise UsageError("serve-without-models")
    if not settings.keys and settings.host not in LOOPBACK:
        console.warn(words("serve.open", host=settings.host))
    url = f"http://{settings.host}:{settings.port}"
    models = list(settings.models)
    try:
        run(settings, lambda: console.say(words("serve.started", models=models, url=url)))
    except KeyboardInterrupt:  # as it is stopped
        return Exit.interrupted
    return Exit.done


def _is_given(context: typer.Context, name: str) -> bool:
    """Return whether an option stands on the command line; its default does not count."""
    source = context.get_parameter_source(name)
    return source is not None and source.name == "COMMANDLINE"


def _with_options(command: Callable[..., Exit]) -> Callable[..., Exit]:
    """Give a command an option for each setting that is declared as one."""
    signature = inspect.signature(command, eval_str=True)
    fixed = [p for p in signature.parameters.values() if p.kind is not p.VAR_KEYWORD]
    options = [_option(setting) for setting in SETTINGS.values() if setting.flag]
    parameters = [*fixed, *options]
    command.__signature__ = signature.replace(parameters=parameters)  # type: ignore[attr-defined]
    command.__annotations__ = {p.name: p.annotation for p in parameters} | {"return": Exit}
    return command


def _option(setting: Setting) -> inspect.Parameter:
    option = typer.Option(
        setting.option,
        metavar=setting.metavar or None,
        min=setting.low,
        max=setting.high,
        show_default=setting.default not in (None, "", ()),
    )
    return inspect.Parameter(
        setting.name,
        inspect.Parameter.KEYWORD_ONLY,
        default=setting.default,
        annotation=Annotated[_type(setting) | None, option],
    )


def _type(setting: Setting) -> Any:
    """Return the type of an option; one of several values may be given again and again."""
    return list[str] if setting.form == "texts" else _TYPES[setting.form]
