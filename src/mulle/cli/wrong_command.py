"""Commands that cannot be understood: exceptions of Typer as errors of ours."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import typer

from mulle.errors import UnknownName, UsageError

# Typer carries its own copy of Click since 0.2x; what both name the same is found through it.
WrongCommand: Any = next(c for c in typer.BadParameter.__mro__ if c.__name__ == "ClickException")

# What Typer writes about a value that an option cannot take, and our code for it.
_VALUES = (
    (r"is not one of (?P<known>.+?)\.?$", "option-not-one-of"),
    (r"valid integer", "option-not-whole"),
    (r"valid number", "option-not-number"),
    (r"greater than or equal to (?P<least>\S+)", "option-too-small"),
    (r"less than or equal to (?P<most>\S+)", "option-too-large"),
)


def help_page(error: Any) -> str:
    """Return the help page that Typer shows instead of an error; "" where it is an error."""
    if type(error).__name__ == "NoArgsIsHelpError":
        return str(error.format_message()).strip()
    return ""


def to_usage_error(error: Any, arguments: Sequence[str]) -> UsageError:
    """Return an error of Typer as one of ours.

    Args:
        error: an exception of Typer that a wrong command line raised.
        arguments: that command line; the value of a wrong option is taken from it.
    """
    context: Any = getattr(error, "ctx", None)
    command = context.command_path if context else "mulle"
    usage = context.get_usage().partition(": ")[2] if context else "mulle"
    name, message = type(error).__name__, error.format_message().strip()
    if name == "NoSuchOption":
        known = [option for p in context.command.params for option in (*p.opts, *p.secondary_opts)]
        known = [option for option in known if option.startswith("--")]
        return UnknownName("option-unknown", "option", error.option_name, known, command=command)
    if name == "MissingParameter":
        kind = getattr(error.param, "param_type_name", "option")
        hint = (error.param.metavar or error.param.name.upper()) if kind == "argument" else ""
        return UsageError(f"{kind}-missing", name=hint or error.param.opts[0], usage=usage)
    if name == "BadOptionUsage":
        code = "option-without-value" if "requires" in message else "option-takes-no-value"
        return UsageError(code, option=error.option_name, command=command)
    if name == "BadParameter" and error.param is not None:
        return _wrong_value(error, message, command, arguments)
    return _other(context, message, command)


def _wrong_value(error: Any, message: str, command: str, arguments: Sequence[str]) -> UsageError:
    options = error.param.opts
    option = next((o for o in options if o.startswith("--")), options[0])
    given: dict[str, Any] = {"option": option, "command": command}
    given["received"] = _value_of(options, arguments)
    for pattern, code in _VALUES:
        if match := re.search(pattern, message):
            return UsageError(code, **given, **match.groupdict())
    return UsageError("option-invalid", **given, error=message)


def _value_of(options: Sequence[str], arguments: Sequence[str]) -> str:
    """Return the value that an option was given on the command line; "" where none is seen."""
    for position, argument in enumerate(arguments):
        name, equals, value = argument.partition("=")
        if name in options:
            return value if equals else next(iter(arguments[position + 1 : position + 2]), "")
    return ""


def _other(context: Any, message: str, command: str) -> UsageError:
    if match := re.match(r"No such command '(.*?)'", message):
        known = list(getattr(context.command, "commands", {}))
        return UnknownName("command-unknown", "command", match[1], known, command=command)
    if match := re.search(r"unexpected extra argument\S* \((.*)\)", message):
        return UsageError("arguments-extra", names=match[1], command=command)
    if message.startswith("Missing command"):
        return UsageError("command-missing", command=command)
    return UsageError("command-wrong", error=message.rstrip("."), command=command)
