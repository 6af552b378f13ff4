"""`mulle code`: the script, where it is, and what it says of its score."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path


def test_a_script_is_written_run_and_compared(mulle, shop):
    said = mulle("code", "shop.mulle", "-o", "shop.py")
    assert said.code == 0
    assert said.out == "Written: shop.py\n"
    assert "Run without mulle, it gives the run's score" in said.err
    environ = {name: v for name, v in os.environ.items() if name != "PYTHONPATH"}
    done = subprocess.run(
        [sys.executable, "shop.py"], capture_output=True, text=True, env=environ, check=True
    )
    facts = json.loads(mulle("code", "shop.mulle", "--format", "json").out)
    assert facts["reproduces"] is True
    assert abs(float(done.stdout.split()[-1]) - facts["expected"]) < 1e-6
    assert mulle("code", "shop.mulle", "-o", "shop.py").code == 2  # it is there


def test_a_script_is_printed_without_a_file(mulle, shop):
    said = mulle("code", "shop.mulle", "--no-check")
    assert said.code == 0
    compile(said.out, "shop.py", "exec")
    assert "It was not run." in said.err


def test_it_speaks_korean(mulle, shop):
    said = mulle("--lang", "ko", "code", "shop.mulle", "-o", "가게.py")
    assert "저장: 가게.py" in said.out
    assert "mulle 없이 실행해도" in said.err
    assert "# 학습할 행" in Path("가게.py").read_text(encoding="utf-8")


def test_a_run_that_is_not_there(mulle, shop):
    assert mulle("code", "20260102-030405-shop").code == 2
