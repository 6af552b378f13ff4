"""The ledger: nothing that was written is lost, and half a line hurts nobody."""

import errno
import json
import os
import subprocess
import sys
import threading

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mulle.errors import RunError
from mulle.files import hold
from mulle.verbs.retrain import Ledger
from mulle.verbs.retrain.ledger import new_loop


def steps(ledger: Ledger) -> list[str]:
    return [entry.step for entry in ledger.entries()]


def test_one_json_object_a_line(tmp_path):
    ledger = Ledger(tmp_path)
    ledger.write("loop", "가게", "triggered", by="hand")
    ledger.write("loop", "가게", "gate", name="size", passed=True)
    lines = ledger.path.read_text(encoding="utf-8").splitlines()
    assert [json.loads(line)["step"] for line in lines] == ["triggered", "gate"]
    assert json.loads(lines[0])["values"] == {"by": "hand"}
    assert json.loads(lines[0])["at"].endswith("+00:00")


def test_models_share_a_ledger(tmp_path):
    ledger = Ledger(tmp_path)
    for model in ("a", "b", "a"):
        ledger.write(new_loop(), model, "triggered")
    assert len(ledger.entries("a")) == 2
    assert len(ledger.entries()) == 3
    assert Ledger(tmp_path / "nowhere").entries() == []


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25)
@given(st.data())
def test_a_torn_last_line_is_left_out_and_taken_away(tmp_path, data):
    ledger = Ledger(tmp_path)
    ledger.path.unlink(missing_ok=True)
    for step in ("triggered", "rows-taken"):
        ledger.write("loop", "shop", step, text="ㄱ" * data.draw(st.integers(0, 3000)))
    whole = ledger.path.read_bytes()
    first = whole.index(b"\n") + 1
    cut = data.draw(st.integers(first, len(whole) - 1))
    ledger.path.write_bytes(whole[:cut])
    assert steps(ledger)[:1] == ["triggered"]
    ledger.write("loop", "shop", "abandoned")
    assert steps(ledger) == ["triggered", "abandoned"]
    for line in ledger.path.read_bytes().splitlines():
        json.loads(line)


def test_many_writers_lose_no_line(tmp_path):
    ledger = Ledger(tmp_path)

    def write(who: int) -> None:
        for i in range(10):
            ledger.write(str(who), "shop", "gate", number=i)

    threads = [threading.Thread(target=write, args=(who,)) for who in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for who in range(4):
        found = [e.values["number"] for e in ledger.entries() if e.loop == str(who)]
        assert found == list(range(10))


def test_a_lock_is_held_by_one(tmp_path):
    path = tmp_path / "deep" / "shop.lock"
    with (
        hold(path, RunError("retrain-running", model="shop")),
        pytest.raises(RunError) as refusal,
        hold(path, RunError("retrain-running", model="shop")),
    ):
        pass
    assert refusal.value.code == "retrain-running"
    assert refusal.value.what == "Another program is retraining shop."
    with hold(path, RunError("retrain-running", model="shop")):
        pass


def test_a_killed_program_holds_no_lock(tmp_path):
    code = f"""
import os, signal
from pathlib import Path
from mulle.errors import RunError
from mulle.files import hold
with hold(Path({str(tmp_path / "shop.lock")!r}), RunError("retrain-running", model="shop")):
    print("held", flush=True)
    input()
"""
    with subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as program:
        assert program.stdout.readline() == "held\n"
        with (
            pytest.raises(RunError),
            hold(tmp_path / "shop.lock", RunError("retrain-running", model="shop")),
        ):
            pass
        program.kill()
        program.wait()
    with hold(tmp_path / "shop.lock", RunError("retrain-running", model="shop")):
        pass


def test_a_lock_where_nothing_can_be_written(tmp_path):
    (tmp_path / "file").write_bytes(b"")
    with (
        pytest.raises(RunError) as refusal,
        hold(tmp_path / "file" / "x.lock", RunError("retrain-running", model="x")),
    ):
        pass
    assert refusal.value.code == "lock-failed"


def test_a_disk_that_is_full_is_said(tmp_path, monkeypatch):
    def full(handle):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    ledger = Ledger(tmp_path)
    ledger.write("loop", "shop", "triggered")
    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(RunError) as refusal:
        ledger.write("loop", "shop", "promoting")
    assert refusal.value.what == "Could not write retrain.jsonl: No space left on device."
