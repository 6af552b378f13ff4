"""All checks together: quick, light, complete, and none stops the others."""

import json
import subprocess
import sys
import time

import msgspec
import pytest

from mulle import doctor
from mulle.doctor import CHECKS, DEEP_CHECKS, Check, examine
from mulle.doctor import check as words


def test_each_check_is_told_under_its_own_name() -> None:
    found = [check.code for check in examine(deep=True)]
    assert found == [check.__name__.replace("_", "-") for check in (*CHECKS, *DEEP_CHECKS)]
    assert len(set(found)) == len(found)


def test_this_machine_is_examined_without_a_broken_check() -> None:
    assert [c.what for c in examine(deep=True) if c.what.startswith("The check itself")] == []


def test_whatever_is_found_can_be_mended_and_said_in_json() -> None:
    for check in examine():
        assert check.what.endswith(".")
        assert (check.status == "ok") == (check.fix_command == ""), check
        assert json.loads(msgspec.json.encode(check))["code"] == check.code


def test_a_broken_check_is_a_finding(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken_check() -> Check:
        raise PermissionError(13, "no")

    monkeypatch.setattr(doctor, "CHECKS", (broken_check, *CHECKS))
    first, *rest = examine()
    assert (first.code, first.status) == ("broken-check", "fail")
    assert first.what == "The check itself broke: PermissionError: [Errno 13] no"
    assert len(rest) == len(CHECKS)


def test_examining_is_quick_and_imports_nothing_heavy() -> None:
    code = (
        "import sys, time; from mulle.doctor import examine; begin = time.perf_counter(); "
        "examine(); print(time.perf_counter() - begin); "
        "print([m for m in ('polars', 'sklearn', 'torch', 'scipy', 'pandas', 'lightgbm',"
        " 'onnxruntime', 'sqlalchemy') if m in sys.modules])"
    )
    seconds = []
    for _ in range(3):  # the machine may be busy with something else once
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)
        took, heavy = done.stdout.decode().splitlines()
        seconds.append(float(took))
        assert heavy == "[]"
        if seconds[-1] < 0.5:
            return
        time.sleep(0.5)
    pytest.fail(f"examine() took {seconds} seconds")


def test_commands_are_spelled_for_the_shell(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/my python/bin/python")
    monkeypatch.setattr(words, "on_windows", lambda: False)
    assert words.set_variable("A", "b c") == "export A='b c'"
    assert words.in_order("x", "y") == "x && y"
    assert words.this_python("-V") == "'/my python/bin/python' -V"
    monkeypatch.setattr(words, "on_windows", lambda: True)
    assert words.set_variable("A", "it's") == "$env:A = 'it''s'"
    assert words.in_order("x", "y") == "x; y"
    assert words.this_python("-V") == "& '/my python/bin/python' -V"
