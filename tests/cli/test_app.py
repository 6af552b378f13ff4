"""The command as a whole: help, versions, exit codes, and what becomes of errors."""

from __future__ import annotations

import errno
import os
import subprocess
import sys

import pytest

import mulle as package
from mulle.cli import Exit
from mulle.cli.errors import report_error

VERBS = ["fit", "predict", "evaluate", "explain", "export", "demo", "doctor", "runs"]
PAGES = [[v] for v in VERBS] + [["runs", "show"], ["runs", "compare"], []]


@pytest.mark.parametrize("page", PAGES, ids=" ".join)
def test_help_ends_with_a_real_example(mulle, page):
    said = mulle(*page, "--help")
    last = said.out.rstrip().splitlines()[-1]
    assert (said.code, said.err) == (0, "")
    assert last.strip().startswith(" ".join(["mulle", *page]))


def test_help_imports_nothing_heavy():
    heavy = {"numpy", "polars", "sklearn", "lightgbm", "onnxruntime", "rich", "sqlalchemy"}
    code = (
        "import sys\nfrom mulle.cli import main\nmain(['--help'])\n"
        f"print(sorted({heavy} & set(sys.modules)), file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stderr.strip() == "[]"


def test_version(mulle):
    said = mulle("--version")
    assert (said.code, said.out, said.err) == (0, f"mulle {package.__version__}\n", "")


def test_python_m_mulle_is_the_command():
    done = subprocess.run(
        [sys.executable, "-m", "mulle", "--version"], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (0, f"mulle {package.__version__}\n")


def test_no_verb_shows_the_help(mulle):
    said = mulle()
    assert said.code == Exit.wrong_command
    assert "Commands:" in said.out


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        (
            ["fti"],
            "error: There is no command named 'fti'. (command-unknown)\n\n"
            "hint: Did you mean 'fit'?\n",
        ),
        (
            ["fit", "a.csv", "--zzz", "y"],
            "error: There is no option named '--zzz'. (option-unknown)\n\n"
            "hint: See: mulle fit --help\n",
        ),
        (
            ["fit"],
            "error: mulle fit needs a table. (fit-without-table)\n\n"
            "hint: mulle fit TABLE --target COLUMN\n",
        ),
        (
            ["fit", "a.csv"],
            "error: mulle fit needs the column to predict. (fit-without-target)\n\n"
            "hint: mulle fit TABLE --target COLUMN\n",
        ),
    ],
)
def test_a_wrong_command_says_what_and_what_to_do(mulle, arguments, error):
    said = mulle(*arguments)
    assert (said.code, said.out, said.err) == (Exit.wrong_command, "", error)


def test_an_option_nearly_right_is_pointed_out(mulle):
    assert "hint: Did you mean '--target'" in mulle("fit", "a.csv", "--traget", "y").err


def _broken(what: BaseException):
    def examine(**options: object) -> None:
        raise what

    return examine


def test_a_fault_of_ours_is_one_sentence(mulle, monkeypatch):
    monkeypatch.setattr(
        "mulle.doctor.checks.examine", _broken(ZeroDivisionError("division by zero"))
    )
    said = mulle("doctor")
    assert (said.code, said.out) == (Exit.failed, "")
    assert said.err == (
        "error: mulle itself failed: ZeroDivisionError: division by zero (mulle-fault)\n\n"
        "hint: Please report this, with what the same command prints with --debug.\n"
    )


@pytest.mark.parametrize("arguments", [["doctor", "--debug"], ["--debug", "doctor"]])
def test_debug_shows_the_traceback(mulle, monkeypatch, arguments):
    monkeypatch.setattr("mulle.doctor.checks.examine", _broken(ZeroDivisionError("no")))
    said = mulle(*arguments)
    assert said.code == Exit.failed
    assert said.err.startswith("Traceback (most recent call last):")


def test_a_refusal_of_the_system(mulle, monkeypatch):
    full = OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "decisions.jsonl")
    monkeypatch.setattr("mulle.doctor.checks.examine", _broken(full))
    said = mulle("doctor")
    assert said.code == Exit.failed
    assert said.err == (
        "error: The system refused: No space left on device. (system-refused)\n"
        "where: decisions.jsonl\n\n"
        "hint: Free the space or give the permission it asks for, then try again.\n"
    )


def test_too_little_memory(mulle, monkeypatch):
    monkeypatch.setattr("mulle.doctor.checks.examine", _broken(MemoryError()))
    assert "not enough memory" in mulle("doctor").err


def test_interrupted_before_a_result(capfd):
    assert report_error(KeyboardInterrupt()) is Exit.interrupted
    assert capfd.readouterr().err == (
        "error: Interrupted before there was a result. (interrupted)\n\n"
        "hint: Give the command again; a fit that can go on is listed by: mulle runs\n"
    )


def test_a_reader_that_has_gone_is_no_error():
    command = f'"{sys.executable}" -m mulle doctor --format json'
    code = f"import subprocess; p = subprocess.Popen({command!r}, shell=True, stdout=-1, stderr=-1)"
    code += "; p.stdout.close(); print(p.stderr.read().decode())"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""


def test_an_ascii_terminal_gets_question_marks():
    environment = os.environ | {"PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"}
    done = subprocess.run(
        [sys.executable, "-m", "mulle", "explain", "leak-suspected", "--lang", "ko"],
        capture_output=True,
        text=True,
        check=False,
        env=environment,
    )
    assert done.returncode == 0
    assert "?" in done.stdout


def test_doctor_says_what_it_found(mulle):
    said = mulle("doctor")
    assert said.code in {0, 1}
    assert said.out.splitlines()[0].split()[0] in {"ok", "note", "warn", "fail"}
    assert " checks, " in said.out.splitlines()[-1]


def test_doctor_fails_where_a_check_fails(mulle, monkeypatch):
    from mulle.doctor.check import CheckResult

    bad = [CheckResult("disk", "fail", "working", {"free": 1_000_000, "folder": "a"}, "df -h")]
    monkeypatch.setattr("mulle.doctor.checks.examine", lambda **options: bad)
    said = mulle("doctor")
    assert said.code == Exit.failed
    assert said.out == (
        "fail  1 MB are free in the working folder a.\n      mend with: df -h\n\n"
        "1 checks, 1 to look at.\n"
    )
    assert mulle("doctor", "--format", "json").out.startswith('[{"code":"disk","status":"fail"')


START = """
import builtins, sys
real = builtins.__import__
def stops(name, *given):
    if name == {name!r}:
        {fault}
    return real(name, *given)
builtins.__import__ = stops
from mulle.__main__ import main
sys.exit(main())
"""
ENDS = {  # where Ctrl-C comes, what the import makes of it, and whether words are there already
    "in a module of ours": ("mulle.cli.help", "raise KeyboardInterrupt", False),
    "in a library in C": (
        "mulle.bundle",
        "import os, signal\n        try: signal.raise_signal(signal.SIGINT)\n"
        "        except KeyboardInterrupt: raise ImportError('initialization failed')",
        True,
    ),
    "in the verb": ("mulle.bundle", "import signal; signal.raise_signal(signal.SIGINT)", True),
}


@pytest.mark.parametrize("case", ENDS)
def test_an_interrupt_ends_with_a_sentence_or_in_silence(case: str) -> None:
    name, fault, has_words = ENDS[case]
    done = subprocess.run(
        [sys.executable, "-c", START.format(name=name, fault=fault), "predict", "m.mulle", "t.csv"],
        capture_output=True, text=True, check=False, encoding="utf-8",
    )  # fmt: skip
    assert done.returncode == Exit.interrupted, done.stderr
    assert ("(interrupted)" in done.stderr) == has_words
    assert "Traceback" not in done.stderr and "mulle-fault" not in done.stderr
