"""Take the picture of the READMEs: the report of a fit beside the dashboard of its server.

It fits the table of `mulle demo` in a temporary folder, serves the model on this machine, and takes
both pages with Chromium, without a window. Chromium and Pillow must be installed:

    python docs/make_picture.py          # writes docs/report-and-dashboard.png
    python docs/make_picture.py MODEL    # of a demo that was fitted before, its files beside it

The report is shown in excerpts: its long tables are left out. On the dashboard a row of the table
is filled in, one that is hard to decide, and one column is opened, as a person would by hand.
"""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from PIL import Image, ImageDraw, ImageFilter

import mulle

PICTURE = Path(__file__).with_name("report-and-dashboard.png")
SIZE = (940, 1270)  # of a page, in CSS pixels
SCALE = 1.4  # pixels of the picture for each of them
GAP, MARGIN = 36, 40  # between the pages and around them
STUDIED = "worst_area"  # the column whose curve is opened
LEFT_OUT = ("warnings", "repairs", "columns", "leaderboard")  # sections of the report
HIDDEN = (
    "<style>nav, #state{} {{ display: none }} header {{ margin-bottom: 1.5rem }}</style>".format(
        "".join(f", section[aria-labelledby={part}]" for part in LEFT_OUT)
    )
)
COLOURS = 64  # of the picture's palette
MAX_BYTES = 300_000


def fit(folder: Path) -> Path:
    """Run the demo in `folder`; return the model file."""
    command = ["demo", "--quiet"]
    subprocess.run([sys.executable, "-m", "mulle", *command], cwd=folder, check=True)
    return folder / "breast_cancer.mulle"


def hardest_row(model: Path) -> dict[str, object]:
    """Return the row of the table whose probability is nearest to seven tenths."""
    table = mulle.read(model.with_suffix(".csv")).frame.drop("diagnosis")
    shares = mulle.load(model).predict_proba(table).max(axis=1)
    place = int(abs(shares - 0.7).argmin())
    return table.row(place, named=True)


@contextmanager
def served(model: Path) -> Iterator[str]:
    """Serve `model` on a free port of this machine; yield the address once it answers."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "mulle", "serve", str(model), "--port", str(port)]
    server = subprocess.Popen(command, cwd=model.parent, stderr=subprocess.DEVNULL)
    url = f"http://127.0.0.1:{port}"
    try:
        for _ in range(300):
            try:
                urllib.request.urlopen(url + "/", timeout=5).close()
                break
            except OSError:
                time.sleep(0.1)
        yield url
    finally:
        server.terminate()
        server.wait(20)


@contextmanager
def used(url: str, script: str) -> Iterator[str]:
    """Pass everything on to `url`, with `script` at the end of its page; yield the address."""

    class Passing(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            length = int(self.headers.get("content-length") or 0)
            asked = urllib.request.Request(
                url + self.path, self.rfile.read(length) or None, dict(self.headers)
            )
            with urllib.request.urlopen(asked, timeout=30) as answer:
                body, kind = answer.read(), answer.headers["content-type"]
            if self.path.startswith("/?"):
                body = body.replace(
                    b"</body>", f"{HIDDEN}<script>{script}</script></body>".encode()
                )
            self.send_response(200)
            self.send_header("content-type", kind)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def do_GET(self) -> None:
            self.do_POST()

        def log_message(self, *_: object) -> None:
            """Write no log."""

    proxy = ThreadingHTTPServer(("127.0.0.1", 0), Passing)
    threading.Thread(target=proxy.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{proxy.server_port}"
    finally:
        proxy.shutdown()


def filling(row: dict[str, object]) -> str:
    """Return a script that fills in `row` and opens the curve of a column."""
    return f"""
      const row = {json.dumps(row)}, wait = setInterval(() => {{
        const named = (name) => document.querySelector(`#fields input[name="${{name}}"]`);
        if (!document.querySelector("#answer .bars")) return;
        clearInterval(wait);
        for (const name in row) named(name).value = Number(row[name].toPrecision(5));
        named({json.dumps(STUDIED)}).closest(".field").querySelector("button").click();
      }}, 100);"""


def screenshot(url: str, file: Path) -> Image.Image:
    """Return what Chromium shows of `url` in a window of SIZE."""
    browser = next(
        filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
    )
    if browser is None:
        sys.exit("Chromium is not installed.")
    flags = [
        "--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars",
        f"--force-device-scale-factor={SCALE}", f"--window-size={SIZE[0]},{SIZE[1]}",
        "--virtual-time-budget=8000", f"--user-data-dir={file.parent / 'browser'}",
        f"--screenshot={file}",
    ]  # fmt: skip
    subprocess.run([browser, *flags, url], check=True, capture_output=True, timeout=120)
    return Image.open(file).convert("RGB")


def joined(pages: list[Image.Image]) -> Image.Image:
    """Put the pages side by side on a quiet ground, each with a soft shadow."""
    gap, margin, corner = (round(SCALE * n) for n in (GAP, MARGIN, 10))
    width = sum(page.width for page in pages) + gap * (len(pages) - 1) + 2 * margin
    height = pages[0].height + 2 * margin
    whole = Image.new("RGB", (width, height), "#e4e2da")
    left = margin
    for page in pages:
        shape = Image.new("L", page.size)
        ImageDraw.Draw(shape).rounded_rectangle((0, 0, *page.size), corner, fill=255)
        shadow = Image.new("L", whole.size)
        shadow.paste(shape.point(lambda value: value // 5), (left, margin + corner // 2))
        whole.paste("#000", mask=shadow.filter(ImageFilter.GaussianBlur(corner)))
        whole.paste(page, (left, margin), shape)
        left += page.width + gap
    return whole


def main() -> None:
    """Fit, serve, take both pages, and write the picture."""
    os.environ["MULLE_LANG"] = "en"
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as name:
        folder = Path(name)
        model = Path(sys.argv[1]).resolve() if sys.argv[1:] else fit(folder)
        page = model.with_suffix(".html").read_text(encoding="utf-8")
        (folder / "report.html").write_text(page.replace("</head>", HIDDEN + "</head>"), "utf-8")
        report = screenshot((folder / "report.html").as_uri(), folder / "report.png")
        with served(model) as url, used(url, filling(hardest_row(model))) as shown:
            dashboard = screenshot(f"{shown}/?lang=en", folder / "dashboard.png")
        whole = joined([report, dashboard])
    whole.quantize(COLOURS, dither=Image.Dither.NONE).save(PICTURE, optimize=True)
    size = PICTURE.stat().st_size
    print(f"{PICTURE}: {whole.width} x {whole.height}, {size / 1000:.0f} KB")
    if size > MAX_BYTES:
        sys.exit(f"The picture is larger than {MAX_BYTES / 1000:.0f} KB.")


if __name__ == "__main__":
    main()
