"""`mulle ab`: how a test between versions stands on a running server, and whether it may stop."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from typing import TYPE_CHECKING, Annotated, Any
from urllib.parse import quote

import typer

from mulle.cli import console
from mulle.cli.exits import Exit
from mulle.cli.options import AsFormat, Format, InLanguage, Language, example, words_of
from mulle.cli.text_table import render_table
from mulle.errors import RunError, UnknownName, UsageError

if TYPE_CHECKING:
    from mulle.i18n import Messages

_WAIT = 30  # seconds for an answer


def add_to(app: typer.Typer) -> None:
    """Make the verb known."""
    app.command(
        "ab",
        short_help="How a test between versions of a served model stands.",
        epilog=example(
            "mulle ab http://127.0.0.1:8080",
            "mulle ab http://127.0.0.1:8080 --model churn --lang ko",
        ),
    )(ab)


def ab(
    server: Annotated[str, typer.Argument(metavar="URL", help="Of the server.")],
    model: Annotated[str, typer.Option(help="Which one; else the only one with a policy.")] = "",
    key: Annotated[str, typer.Option(envvar="MULLE_KEY", help="A key with the scope admin.")] = "",
    lang: InLanguage = Language.en,
    format: AsFormat = Format.text,
) -> Exit:
    """Say per version how it was rewarded, how sure that is, and whether the test may stop."""
    base = server if "://" in server else f"http://{server}"
    model = model or _only(list(_asked(f"{base}/routing", key, lang)["models"]))
    report = _asked(f"{base}/routing/{quote(model, safe='')}/report", key, lang)
    if format is Format.json:
        console.write_json(report)
    else:
        console.write(_told(report, words_of(lang)))
    return Exit.done


def _only(models: list[str]) -> str:
    if not models:
        raise UsageError("route-none")
    if len(models) > 1:
        raise UnknownName(
            "model-unknown", "single-model;-several-have-a-policy,-none-is", "", models
        )
    return models[0]


def _asked(url: str, key: str, lang: Language) -> Any:
    """What the server says, as JSON.

    Raises:
        RunError: it refuses, or there is none.
    """
    headers = {"accept-language": lang.value}
    if key:
        headers["authorization"] = f"Bearer {key}"
    try:
        request = urllib.request.Request(url, headers=headers)
        with urllib.request.urlopen(request, timeout=_WAIT) as answer:
            return json.load(answer)
    except urllib.error.HTTPError as error:
        said = _refusal(error)
        raise RunError(
            str(said.get("code", "server-refused")),
            str(said.get("message", f"The server answers {error.code}.")),
            fix=str(said.get("fix") or "See GET /routing of the server."),
            where=url,
        ) from error
    except (OSError, ValueError) as error:
        raise RunError("server-silent", where=url, error=error) from error


def _refusal(error: urllib.error.HTTPError) -> dict[str, Any]:
    try:
        said = json.load(error)["error"]
    except (ValueError, KeyError, TypeError):
        return {}
    return said if isinstance(said, dict) else {}


def _told(report: dict[str, Any], words: Messages) -> str:
    """A title, a line for each version, and the verdict."""
    from mulle.i18n.format import count, score

    header = [
        words(f"routing.{h}") for h in ("version", "requests", "feedback", "mean", "interval")
    ]
    rows = []
    for version in report["versions"]:
        low, high = score(version["low"]), score(version["high"])
        rows.append(
            (
                " ".join([*version["names"], f"({version['version']})"]),
                count(version["requests"], words.lang),
                count(version["feedback"], words.lang),
                score(version["mean"]),
                f"{low} .. {high}" if version["low"] is not None else "–",
            )
        )
    parts = [
        words("routing.since", **report),
        "",
        render_table(header, rows),
        "",
        report["verdict"],
    ]
    if report["shares_changed"]:
        parts += ["", words("routing.shares-changed", times=report["shares_changed"])]
    return "\n".join(parts)
