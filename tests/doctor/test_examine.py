"""All checks together: quick, light, complete, and none stops the others."""

import ast
import json
import re
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from mulle import doctor
from mulle.doctor import check as words
from mulle.doctor import checks
from mulle.doctor.check import CheckResult
from mulle.doctor.checks import CHECKS, DEEP_CHECKS, examine
from mulle.i18n import LANGUAGES, Messages


def test_each_check_is_told_under_its_own_name() -> None:
    found = [check.code for check in examine(deep=True)]
    assert found == [check.__name__.replace("_", "-") for check in (*CHECKS, *DEEP_CHECKS)]
    assert len(set(found)) == len(found)


def test_this_machine_is_examined_without_a_broken_check() -> None:
    assert [c.what for c in examine(deep=True) if c.finding == "broken"] == []


def test_whatever_is_found_can_be_mended_and_said_in_json() -> None:
    for check in examine():
        assert check.what.endswith(".")
        assert (check.status == "ok") == (check.fix_command == ""), check
        assert json.loads(msgspec.json.encode(check))["code"] == check.code


def findings() -> set[str]:
    """Every finding that a check can have, as the source has it: `check.CODE.FINDING`."""
    found, names = set(), {"code": ["openblas-kernel"], "least": ["working", "temporary"]}
    for path in Path(doctor.__file__).parent.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call) or getattr(node.func, "id", "") != "CheckResult":
                continue
            code, finding = (constants(arg) or names.get(getattr(arg, "id", ""), [])
                             for arg in (node.args[0], node.args[2]))  # fmt: skip
            found |= {f"check.{c}.{f}" for c in code for f in finding}
    return {key for key in found if not key.endswith(".broken")}


def constants(node: ast.expr) -> list[str]:
    """The strings that an argument may be: itself, or either branch of a condition."""
    ends = [node.body, node.orelse] if isinstance(node, ast.IfExp) else [node]
    return [str(end.value) for end in ends if isinstance(end, ast.Constant)]


def test_every_finding_has_a_sentence_and_every_sentence_a_finding() -> None:
    assert len(findings()) > 50
    for lang in LANGUAGES:
        keys = {key for key in Messages(lang) if key.startswith("check.")}
        assert keys - {"check.broken"} == findings()


def test_every_blank_of_what_is_found_here_is_filled() -> None:
    for check in examine(deep=True):
        for lang in LANGUAGES:
            assert not {"{", "–"} & set(check.render(lang)), check
        assert re.search("[가-힣]", check.render("ko")), check


def test_a_broken_check_is_a_finding(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken_check() -> CheckResult:
        raise PermissionError(13, "no")

    monkeypatch.setattr(checks, "CHECKS", (broken_check, *CHECKS))
    first, *rest = examine()
    assert (first.code, first.status) == ("broken-check", "fail")
    assert first.what == "The check itself failed: PermissionError: [Errno 13] no"
    assert len(rest) == len(CHECKS)


def test_examining_is_quick_and_imports_nothing_heavy() -> None:
    code = (
        "import sys, time; from mulle.doctor.checks import examine; begin = time.process_time(); "
        "examine(); print(time.process_time() - begin); "
        "print([m for m in ('polars', 'sklearn', 'torch', 'scipy', 'pandas', 'lightgbm',"
        " 'onnxruntime', 'sqlalchemy') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)
    seconds, heavy = done.stdout.decode().splitlines()
    assert heavy == "[]"
    assert float(seconds) < 0.5  # of a processor


def test_commands_are_spelled_for_the_shell(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/my python/bin/python")
    monkeypatch.setattr(words, "on_windows", lambda: False)
    assert words.set_variable("A", "b c") == "export A='b c'"
    assert words.join_commands("x", "y") == "x && y"
    assert words.this_python("-V") == "'/my python/bin/python' -V"
    monkeypatch.setattr(words, "on_windows", lambda: True)
    assert words.set_variable("A", "it's") == "$env:A = 'it''s'"
    assert words.join_commands("x", "y") == "x; y"
    assert words.this_python("-V") == "& '/my python/bin/python' -V"
