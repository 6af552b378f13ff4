"""Schedules of a retraining: files for cron, systemd and GitHub Actions, ready to be installed.

Each runs one command, `mulle retrain MODEL NEW ...`, where the registry is, and lets the exit code
speak: 0 promoted or nothing to do, 3 not promoted, else something failed.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Sequence
from pathlib import Path

import msgspec

from mulle.errors import UnknownName
from mulle.files import filling, write_text
from mulle.store import FOLDER

KINDS = ("cron", "systemd", "github")
_WORKFLOW = """\
# Put it at .github/workflows/retrain-STEM.yml of the repository that holds model and rows.
name: Retrain STEM

on:
  schedule:
    - cron: "30 3 * * *"
  workflow_dispatch:

concurrency:
  group: retrain-STEM

jobs:
  retrain:
    runs-on: ubuntu-latest
    permissions:
      contents: write
    steps:
      - uses: actions/checkout@v4
      - uses: actions/setup-python@v5
        with:
          python-version: "3.11"
      - run: pip install mulle
      - name: Retrain
        id: retrain
        run: |
          code=0
          COMMAND || code=$?
          echo "code=$code" >> "$GITHUB_OUTPUT"
          # 3: the challenger was not better, which is no failure.
          [ "$code" -eq 0 ] || [ "$code" -eq 3 ]
      - uses: actions/upload-artifact@v4
        if: always()
        with:
          name: retrain-STEM
          path: FOLDER
          if-no-files-found: ignore
          include-hidden-files: true
      - name: Keep what was promoted
        if: steps.retrain.outputs.code == '0'
        run: |
          git config user.name "retrain-STEM"
          git config user.email "retrain-STEM@users.noreply.github.com"
          for kept in KEPT; do [ ! -e "$kept" ] || git add --force -- "$kept"; done
          git add -- '*.mulle' || true
          git diff --cached --quiet || (git commit -m "Retrain STEM" && git push)
"""
_PLAIN = re.compile(r"[\w@%+=:,./-]+")


def write_schedules(
    kind: str,
    folder: Path,
    command: Sequence[str],
    *,
    name: str,
    here: Path,
    registry: str = FOLDER,
    replace: bool = False,
) -> list[Path]:
    """Write the files of one kind, all or none.

    Args:
        kind: `cron`, `systemd` or `github`.
        folder: folder of the files.
        command: command to run: `mulle`, `retrain`, MODEL, NEW and options.
        name: name of the model, for files and jobs.
        here: folder to run it in; in GitHub Actions it is the repository.
        registry: folder of models and ledger, seen from `here`.
        replace: whether other files of their names may be replaced.

    Returns:
        The paths of the files.

    Raises:
        UnknownName: there is no such kind.
        UsageError: another file is there, and may not be replaced.
        RunError: the folder cannot be written to.
    """
    makers = {"cron": _cron, "systemd": _systemd, "github": _github}
    if kind not in makers:
        raise UnknownName("template-unknown", "template", kind, KINDS)
    stem = re.sub(r"[^\w-]+", "-", name).strip("-") or "model"
    files = makers[kind](list(command), stem, here, registry)
    with filling(folder, replace=replace) as made:
        for path, content in files.items():
            write_text(made / path, content)
    return [folder / path for path in files]


def _cron(command: list[str], stem: str, here: Path, registry: str) -> dict[str, str]:
    """A crontab line: `%` means a new line there, so it is escaped."""
    line = f"cd {shlex.quote(str(here))} && {shlex.join(command)} >> retrain-{stem}.log 2>&1"
    escaped = line.replace("%", r"\%")
    return {
        f"retrain-{stem}.cron": f"# Every night at 03:30. Add it with: crontab -l | cat - THIS_FILE"
        f" | crontab -\n# Cron knows a short PATH: write where `mulle` is if it is not found.\n"
        f"30 3 * * * {escaped}\n"
    }


def _systemd(command: list[str], stem: str, here: Path, registry: str) -> dict[str, str]:
    """A service that runs once, and the timer that starts it."""
    service = f"""\
# systemctl --user link THIS_FOLDER/retrain-{stem}.service THIS_FOLDER/retrain-{stem}.timer
# systemctl --user enable --now retrain-{stem}.timer
[Unit]
Description=Retrain {stem} and promote it if it is better

[Service]
Type=oneshot
WorkingDirectory={str(here).replace("%", "%%")}
ExecStart=/usr/bin/env {" ".join(map(_systemd_word, command))}
# 3: the challenger was not better, which is no failure.
SuccessExitStatus=3
Nice=10
"""
    timer = f"""\
[Unit]
Description=Retrain {stem} every night

[Timer]
OnCalendar=*-*-* 03:30:00
RandomizedDelaySec=10min
Persistent=true

[Install]
WantedBy=timers.target
"""
    return {f"retrain-{stem}.service": service, f"retrain-{stem}.timer": timer}


def _systemd_word(word: str) -> str:
    """A word as systemd reads it: its own `%`, `$` and quotes are escaped."""
    escaped = word.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%").replace("$", "$$")
    return escaped if _PLAIN.fullmatch(word) else f'"{escaped}"'


def _github(command: list[str], stem: str, here: Path, registry: str) -> dict[str, str]:
    """A workflow: by the clock, or by hand; what was decided is kept as an artifact."""
    script = shlex.join(command)
    kept = " ".join(
        shlex.quote(f"{registry}/{part}") for part in ("models", "models.json", "retrain.jsonl")
    )
    folder = msgspec.json.encode(f"{registry}/retrain/").decode()
    blanks = {"STEM": stem, "COMMAND": script, "KEPT": kept, "FOLDER": folder}
    content = re.sub("|".join(blanks), lambda blank: blanks[blank[0]], _WORKFLOW)
    return {f"retrain-{stem}.yml": content}
