"""Ten minutes at four fifths of the peak, the bundle replaced every 20 s: errors and memory.

    pip install .
    python benchmarks/serve_soak.py a.mulle b.mulle diamonds.csv [--minutes 10] [--every 20]

Both bundles answer the same columns and take turns under one name. The load is wrk's, paced by a
pause in each of its connections. No error may come, and memory must not grow from the second minute
to the last.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import subprocess
import tempfile
import threading
import time
from pathlib import Path

from common import header
from serve_throughput import Case, ask, cases, free_port, generate, memory

import mulle

PACED = """
wrk.method = "POST"
wrk.body = [==[{body}]==]
wrk.headers["Content-Type"] = "application/json"
function delay() return {pause} end
"""
CONNECTIONS = 32


def paced(port: int, case: Case, pause: int, seconds: int, folder: Path) -> subprocess.Popen[str]:
    script = folder / "paced.lua"
    script.write_text(PACED.format(body=json.dumps(case.body), pause=pause), encoding="utf-8")
    return subprocess.Popen(
        ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", "--latency", "--timeout", "10s", "-s",
         str(script), f"http://127.0.0.1:{port}{case.path}"],
        stdout=subprocess.PIPE, text=True,
    )  # fmt: skip


def replace(served: Path, bundles: list[Path], every: float, ended: threading.Event) -> None:
    turn = 0
    while not ended.wait(every):
        turn += 1
        shutil.copy(bundles[turn % 2], served.with_suffix(".new"))
        os.replace(served.with_suffix(".new"), served)


def soak(served: Path, given: argparse.Namespace, row: dict, folder: Path) -> None:
    port = free_port()
    case = cases(served, "", row)[0]
    server = subprocess.Popen([part.format(port=port) for part in case.command], cwd=folder)
    seconds, sizes = round(60 * given.minutes), []
    try:
        while ask(port, case) is None:
            time.sleep(0.05)
        peak = generate(port, case, CONNECTIONS, 8, folder)
        pause = max(1, round(1000 * CONNECTIONS / (0.8 * peak.rate) - peak.p50 / 2))
        print(f"peak      {peak.rate:,.0f} requests/s; each connection now pauses {pause} ms")
        ended = threading.Event()
        swap = threading.Thread(target=replace, args=(served, given.bundles, given.every, ended))
        swap.start()
        load, begun = paced(port, case, pause, seconds, folder), time.monotonic()
        while load.poll() is None:
            time.sleep(10)
            sizes.append(memory(server.pid))
            print(f"{time.monotonic() - begun:5.0f} s  {sizes[-1]:6.1f} MB", flush=True)
        ended.set()
        swap.join()
    finally:
        server.terminate()
        server.wait()
    tell(load.stdout.read(), peak.rate, sizes, int(seconds / given.every))


def tell(printed: str, peak: float, sizes: list[float], swaps: int) -> None:
    errors = sum(map(int, re.findall(r"Non-2xx or 3xx responses: (\d+)", printed)))
    errors += sum(map(int, re.findall(r"(?:connect|read|write|timeout) (\d+)", printed)))
    rate = float(re.search(r"Requests/sec:\s+([\d.]+)", printed)[1])
    p99 = re.search(r"99%\s+(\S+)", printed)[1]
    early, late = max(sizes[6:12] or sizes), max(sizes[-6:])
    print(f"\n{rate:,.0f} requests/s ({rate / peak:.0%} of the peak), p99 {p99}")
    print(f"{errors} errors in {swaps} replacements")
    print(
        f"memory {early:.1f} MB in the second minute, {late:.1f} MB in the last: {late / early:.3f}"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("bundles", type=Path, nargs=2)
    parser.add_argument("table", type=Path)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--every", type=float, default=20)
    given = parser.parse_args()
    header("A soak: load, replaced bundles, errors, memory", "onnxruntime", "uvicorn")
    names = mulle.load(given.bundles[0]).manifest.schema.names
    row = mulle.read(str(given.table)).frame.select(names).head(1).to_dicts()[0]
    with tempfile.TemporaryDirectory() as name:
        served = Path(name) / "served.mulle"
        shutil.copy(given.bundles[0], served)
        soak(served, given, row, Path(name))


if __name__ == "__main__":
    main()
