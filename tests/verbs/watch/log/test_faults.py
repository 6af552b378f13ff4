"""Real kills and really full disks: what was committed is there, and serving goes on."""

import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from mulle.verbs.watch.log import attach_labels, read_log

PLACES = ("log.db", "parts")

# Prints each number that is certain to be on disk, after the flush that put it there.
WRITES = """
import sys
from mulle.verbs.watch.log import LogSettings, PredictionLog
log = PredictionLog(sys.argv[1], LogSettings(batch_rows=50, batch_seconds=0.002))
print("ready", flush=True)
n = 0
while True:
    for _ in range(1 + n % 97):
        log.write({"n": n, "text": "x" * (n % 300)}, {"value": n}, model="m", request_id=str(n))
        n += 1
    if log.flush():
        print(n, flush=True)
"""


@pytest.mark.long
@pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL is POSIX's")
@pytest.mark.parametrize("name", PLACES)
def test_a_kill_at_any_instant_leaves_what_was_committed(tmp_path: Path, name: str) -> None:
    chance = random.Random(name)
    certain = 0
    for turn in range(3):
        place = tmp_path / f"{turn}-{name}"
        with subprocess.Popen([sys.executable, "-c", WRITES, str(place)], stdout=-1) as process:
            assert process.stdout is not None
            process.stdout.readline()
            time.sleep(chance.uniform(0.02, 0.5))
            process.send_signal(signal.SIGKILL)
            said = process.stdout.read().split()
        certain = int(said[-1]) if said else 0
        logged = read_log(place)
        numbers = logged.rows["n"].to_list() if len(logged) else []
        assert len(numbers) >= certain, "what was flushed is there"
        assert sorted(numbers) == list(range(len(numbers))), "batches are whole, in their order"
        if numbers:
            assert logged.answers["value"].to_list() == numbers
            assert [len(t) for t in logged.rows["text"]] == [n % 300 for n in numbers]
            assert attach_labels(place, ["0"], ["after"]).known == 1, "and it can be written to"
    assert certain, "the test did write before it killed"


# The limit of a file's size is a disk that is full: writes beyond it fail. Then it is lifted.
FULL = """
import resource, signal, sys, time
from mulle.verbs.watch.log import LogSettings, PredictionLog, read_log
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
retry = (0.02, 0.05)
settings = LogSettings(queue_rows=400, batch_rows=100, batch_seconds=0.01, retry_seconds=retry)
log = PredictionLog(sys.argv[1], settings)
soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
for n in range(100):
    log.write({"n": n}, model="m", request_id=str(n))
assert log.flush()
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]), hard))
slowest = 0.0
for n in range(100, 3000):
    begin = time.perf_counter()
    log.write({"n": n, "text": ("%d" % n) * 300}, model="m", request_id=str(n))
    slowest = max(slowest, time.perf_counter() - begin)
    if n % 50 == 0:
        time.sleep(0.01)
end = time.monotonic() + 60
while not log.state.paused and time.monotonic() < end:
    time.sleep(0.01)
full = log.state
assert full.paused and full.last_error and full.dropped, full
assert slowest < 2, slowest
readable = read_log(sys.argv[1])
assert readable.rows["n"].to_list()[:100] == list(range(100))
resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
assert log.flush(20), log.state
log.write({"n": 9999}, model="m", request_id="last")
state = log.close()
assert not state.paused and state.dropped == full.dropped, (full, state)
logged = read_log(sys.argv[1])
assert logged.rows["n"].to_list()[-1] == 9999
assert len(logged) == state.written == 3001 - state.dropped, (len(logged), state)
print("well")
"""


@pytest.mark.skipif(sys.platform == "win32", reason="RLIMIT_FSIZE is POSIX's")
@pytest.mark.parametrize(("name", "limit"), [("log.db", 200_000), ("parts", 3_000)])
def test_a_full_disk_stops_logging_never_serving(tmp_path: Path, name: str, limit: int) -> None:
    command = [sys.executable, "-c", FULL, str(tmp_path / name), str(limit)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=90)
    assert done.stdout == "well\n", done.stderr
