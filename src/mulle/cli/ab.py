"""`mulle ab`: the result of an A/B test on a running server, and whether it may stop."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from typing import TYPE_CHECKING, Annotated, Any
from urllib.parse import quote

import typer

from mulle.cli import console
from mulle.cli.exits import Exit
from mulle.cli.options import AsFormat, Format, example
from mulle.cli.text_table import render_table
from mulle.errors import RunError, UsageError
from mulle.i18n import current_language
from mulle.language import messages

if TYPE_CHECKING:
    from mulle.i18n import Messages

TIMEOUT = 30  # seconds for an answer


def add_to(app: typer.Typer) -> None:
    """Add the verb to the command line."""
    app.command(
        "ab",
        epilog=example(
            "mulle ab http://127.0.0.1:8080",
            "mulle ab http://127.0.0.1:8080 --model churn --lang ko",
        ),
    )(ab)


def ab(
    server: Annotated[str, typer.Argument(metavar="URL")],
    model: Annotated[str, typer.Option()] = "",
    key: Annotated[str, typer.Option(envvar="MULLE_KEY")] = "",
    format: AsFormat = Format.text,
) -> Exit:
    """Show the rewards of each version, how certain they are, and whether the test may stop."""
    base = server if "://" in server else f"http://{server}"
    model = model or find_only_model(list(fetch_json(f"{base}/routing", key)["models"]))
    report = fetch_json(f"{base}/routing/{quote(model, safe='')}/report", key)
    if format is Format.json:
        console.write_json(report)
    else:
        console.write(render_report(report, messages()))
    return Exit.done


def find_only_model(models: list[str]) -> str:
    """Return the one model that has a policy.

    Raises:
        UsageError: there is none, or there are several.
    """
    if not models:
        raise UsageError("ab-no-policy")
    if len(models) > 1:
        raise UsageError("ab-several-models", known=models)
    return models[0]


def fetch_json(url: str, key: str) -> Any:
    """Return what the server answers to a GET.

    Raises:
        RunError: the server refuses the request, or there is none.
    """
    headers: dict[str, str] = {"accept-language": current_language()}
    if key:
        headers["authorization"] = f"Bearer {key}"
    try:
        request = urllib.request.Request(url, headers=headers)
        with urllib.request.urlopen(request, timeout=TIMEOUT) as answer:
            return json.load(answer)
    except urllib.error.HTTPError as error:
        raise _refusal(url, error) from error
    except (OSError, ValueError) as error:
        raise RunError("server-silent", where=url, error=error) from error


def _refusal(url: str, answer: urllib.error.HTTPError) -> RunError:
    """Return the error of a request that the server did not accept, in the server's own words."""
    try:
        problem = json.load(answer)["error"]
        what, fix = problem["message"], problem["fix"]
    except (ValueError, KeyError, TypeError):
        return RunError("server-status", where=url, status=answer.code)
    return RunError("server-refused", where=url, status=answer.code, problem=what, remedy=fix)


def render_report(report: dict[str, Any], words: Messages) -> str:
    """Write a title, a line for each version, and the verdict."""
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
