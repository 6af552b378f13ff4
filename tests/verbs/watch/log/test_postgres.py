"""The log and the alerts in PostgreSQL, where a server's programs and the driver are installed.

`MULLE_TEST_POSTGRES` may name the URL of an empty database instead.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from mulle.verbs.watch.alert import Alerts, parse_rules
from mulle.verbs.watch.log import (
    LogSettings,
    PredictionLog,
    Retention,
    attach_labels,
    prune_log,
    read_log,
)

pytest.importorskip("psycopg")
GIVEN = os.environ.get("MULLE_TEST_POSTGRES", "")
can_start = sys.platform != "win32" and shutil.which("initdb") and os.geteuid() != 0
pytestmark = [
    pytest.mark.long,
    pytest.mark.skipif(
        not GIVEN and not can_start, reason="wants PostgreSQL, which does not run as root"
    ),
]


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server of our own, on a socket in a folder of its own."""
    if GIVEN:
        yield GIVEN
        return
    folder: Path = tmp_path_factory.mktemp("pg")
    quiet = {"check": True, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    subprocess.run(["initdb", "-D", folder / "d", "-U", "me", "-A", "trust"], **quiet)
    options = f"-c listen_addresses='' -c unix_socket_directories='{folder}' -c fsync=off"
    server = ["pg_ctl", "-D", folder / "d", "-w"]
    subprocess.run([*server, "-o", options, "start"], **quiet)
    try:
        yield f"postgresql+psycopg://me@/postgres?host={folder}"
    finally:
        subprocess.run([*server, "-m", "immediate", "stop"], **quiet)


def test_a_log_in_postgresql(url: str) -> None:
    settings = LogSettings(batch_seconds=0.02)
    begin = datetime(2026, 1, 1, tzinfo=UTC)
    with PredictionLog(url, settings) as log:
        for n in range(50):
            at = begin + timedelta(hours=n)
            log.write({"n": n}, {"value": n}, model="m", request_id=f"r{n}", at=at)
        assert log.flush()
        log.write({"n": 0}, {"value": 0}, model="m", request_id="r0", at=begin)
    assert log.state.dropped == 0, log.state
    assert attach_labels(url, ["r1", "r2", "none"], [1, 2, 3]).known == 2
    assert attach_labels(url, ["r1"], [3]).known == 1
    assert read_log(url, labelled=True).label.to_list() == [3, 2]
    assert read_log(url).rows["n"].to_list() == list(range(50))
    assert prune_log(url, Retention(rows=20)) == 30
    assert prune_log(url, Retention(bytes=10**9)) == 0
    assert read_log(url).rows["n"].to_list() == list(range(30, 50))


def test_alerts_in_postgresql(url: str) -> None:
    rules = parse_rules('[[rule]]\nname = "d"\non = "drift"\nabove = 0.2\nfor = "2 checks"')
    check = {"columns": {"price": {"score": 0.4}}}
    assert Alerts(rules, url, model="m").check(check) == []
    assert [a.subject for a in Alerts(rules, url, model="m").check(check)] == ["price"]
    assert Alerts(rules, url, model="m").check(check) == []
    assert len(Alerts(rules, url, model="m").open_alerts()) == 1
    assert Alerts(rules, url, model="other").open_alerts() == []
