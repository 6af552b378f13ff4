"""The help pages in the person's language: their sentences stand in i18n, under `help.VERB`.

`help.fit.short` is the line in the list of commands, `help.fit.about` the text above the options,
`help.fit.options.NAME` the help of one option or argument; `help.shared.NAME` holds for every verb
that has no entry of its own. Lines are wrapped by the cells of a terminal: Hangul takes two.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator, Sequence
from typing import Any

import typer

from mulle.cli.reading_options import NAMES as READING_OPTIONS
from mulle.i18n import Messages
from mulle.i18n.format import display_width
from mulle.language import messages

_TITLES = {
    "Arguments": "arguments",
    "Commands": "commands",
    "Options": "options",
    "Reading": "reading-options",
}
# What Typer itself adds behind the help of an option.
_EXTRAS = (
    ("default:", "default", ":"),
    ("env var:", "variable", ":"),
    ("required", "required", ""),
)


_Formatter: Any = typer.Context.formatter_class


class HelpFormatter(_Formatter):  # type: ignore[misc]
    """Typer's formatter with headings in the person's language and lines wrapped by cells."""

    def write_usage(self, prog: str, args: str = "", prefix: str | None = None) -> None:
        """Write the line of usage."""
        super().write_usage(prog, args, prefix or f"{messages()('cli.usage')}: ")

    def write_heading(self, heading: str) -> None:
        """Write the heading of a section."""
        key = _TITLES.get(heading)
        super().write_heading(messages()(f"cli.{key}") if key else heading)

    def write_text(self, text: str) -> None:
        """Write paragraphs; lines of a paragraph that begins with a backspace stay as they are."""
        indent = " " * self.current_indent
        paragraphs = []
        for paragraph in re.split(r"\n\s*\n", text):
            if paragraph.startswith("\b\n"):
                lines = paragraph[2:].splitlines()
            else:
                lines = wrap(paragraph, self.width - self.current_indent)
            paragraphs.append("\n".join(f"{indent}{line}" for line in lines))
        self.write("\n\n".join(paragraphs) + "\n")

    def write_dl(
        self, rows: Sequence[tuple[str, str]], col_max: int = 30, col_spacing: int = 2
    ) -> None:
        """Write names with their explanations, in two columns."""
        first = (
            min(max((display_width(name) for name, _ in rows), default=0), col_max) + col_spacing
        )
        indent = " " * self.current_indent
        for name, text in rows:
            lines = wrap(_translate_extras(text), max(20, self.width - first - len(indent)))
            if display_width(name) > first - col_spacing:
                self.write(f"{indent}{name}\n")
                name = ""
            pad = " " * (first - display_width(name))
            self.write(f"{indent}{name}{pad}{lines[0] if lines else ''}".rstrip() + "\n")
            for line in lines[1:]:
                self.write(f"{indent}{' ' * first}{line}\n")


class HelpContext(typer.Context):
    """The context of a command whose help is written by our formatter."""

    formatter_class = HelpFormatter


def localize(command: Any, path: tuple[str, ...] = ()) -> None:
    """Set the help of a command, its options and its subcommands to the person's language."""
    words = messages()
    key = ".".join(("help", *(path or ("mulle",))))
    command.context_class = HelpContext
    if not hasattr(command, "commands"):
        command.format_options = functools.partial(_format_options, command)
    command.help = _sentence(words, f"{key}.about", command.help)
    command.short_help = _sentence(words, f"{key}.short", command.short_help)
    if command.epilog:
        command.epilog = command.epilog.replace("Examples:", words("cli.examples"), 1)
    for parameter in command.params:
        for entry in reversed(option_keys(path, parameter.name)):
            parameter.help = _sentence(words, entry, parameter.help)
    page = command.get_help_option(HelpContext(command))
    if page is not None:
        page.help = words("cli.help-option")
    for name, child in getattr(command, "commands", {}).items():
        localize(child, (*path, name))


def _format_options(command: Any, context: typer.Context, formatter: Any) -> None:
    """Write arguments and options; what is about reading a table stands apart, behind the rest."""
    sections: dict[str, list[tuple[str, str]]] = {"Arguments": [], "Options": [], "Reading": []}
    reads = any(parameter.name == "keep_rows" for parameter in command.params)
    for parameter in command.get_params(context):
        record = parameter.get_help_record(context)
        if record is None:
            continue
        named = "Reading" if reads and parameter.name in READING_OPTIONS else "Options"
        sections["Arguments" if parameter.param_type_name == "argument" else named].append(record)
    for title, rows in sections.items():
        if rows:
            with formatter.section(title):
                formatter.write_dl(rows)


def option_keys(path: tuple[str, ...], name: str) -> list[str]:
    """Return the keys at which the help of an option may stand, the first one found counts.

    The options of `mulle serve` are settings of its file, and have one sentence with them.
    """
    key = ".".join(("help", *(path or ("mulle",))))
    settings = [f"setting.{name}"] if path == ("serve",) else []
    return [f"{key}.options.{name}", *settings, f"help.shared.{name}"]


def help_keys(command: Any, path: tuple[str, ...] = ()) -> Iterator[list[str]]:
    """Yield for each text of a command's help the keys at which it may stand."""
    key = ".".join(("help", *(path or ("mulle",))))
    yield [f"{key}.about"]
    if len(path) == 1:  # a subcommand is listed by the first sentence of its text
        yield [f"{key}.short"]
    for parameter in command.params:
        yield option_keys(path, parameter.name)
    for name, child in getattr(command, "commands", {}).items():
        yield from help_keys(child, (*path, name))


def wrap(text: str, cells: int) -> list[str]:
    """Return a paragraph as lines of at most so many cells; two blanks stay two.

    >>> wrap("열을 고릅니다", 8)
    ['열을', '고릅니다']
    """
    lines: list[str] = []
    for word in re.findall(r"\s*\S+", text.replace("\n", " ")):
        if lines and display_width(lines[-1]) + display_width(word) <= cells:
            lines[-1] += word
        else:
            lines.append(word.lstrip())
    return lines


def _sentence(words: Messages, key: str, otherwise: str | None) -> str | None:
    return words(key) if key in words else otherwise


def _translate_extras(text: str) -> str:
    """Return the help of an option with the words of its last bracket translated."""
    help, bracket, extras = text.rpartition("[")
    if not text.endswith("]"):
        return text
    words = messages()
    for english, key, end in _EXTRAS:
        extras = extras.replace(english, words(f"cli.{key}") + end, 1)
    return f"{help}{bracket}{extras}"
