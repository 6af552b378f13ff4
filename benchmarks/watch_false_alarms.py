"""How often `watch` raises a false alarm, and how small a move it finds, by the size of the window.

Five models, of rows from generators: of two classes, of three, of a value, of 1,500 rows only, and
of a hundred columns; among them numbers of four shapes, categories, dates and texts. Windows of 1,
5, 20, 100, 1,000 and 10,000 rows are drawn anew for every window (never resampled test rows),
judged as `mulle watch` judges them, and counted: the score surely worse, its estimate without
labels surely worse, anything drifted (any column, the labels or the predictions), the whole alarm.
Beside it the power: the share of windows in which a move of 2, 5, 9 and 20 % of the rows is found;
and the share of windows whose real score lies in the 95 % interval of the estimate, over windows of
one model and over models with held-out rows of their own, which is what the interval promises.

    pip install .
    python benchmarks/watch_false_alarms.py [--quick] [--windows 1000] [--parts alarms power ...]
        [--peers PYTHON] [--peer-windows 50] [--folder FOLDER] [--seconds N] [--picture FILE]

With --folder the models and what was found stay in a folder: a later run draws only the windows
that are lacking. --seconds ends a run after so many seconds of processor time. Peers are run with
the Python given as --peers or in the environment variable WATCH_PEERS (`pip install evidently
nannyml`), on the same windows of the model of two classes.

Caveats: the models of classes are linear, so that rows are answered quickly; a score that cannot be
worse than before gets no bootstrap interval here. The peers see no dates and no texts. Evidently:
its preset, read in two ways: whether it counts any column as drifted, and its own verdict, which
wants half of them. NannyML: univariate drift (any column), and CBPE of ROC AUC, its defaults with
chunks as long as the window.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from common import header
from watch_peers import run_peers
from watch_refits import run_refits
from watch_windows import Case, Fitted, Found, fit, run_case
from watch_worlds import MOVES, WORLDS

SIZES = (1, 5, 20, 100, 1_000, 10_000)
LARGE = SIZES[3:]
SHARES = (0.02, 0.05, 0.09, 0.2)
PEER_MOVES = {"number": LARGE, "doubt": (1_000,)}  # by the sizes that peers are slow in
PARTS = ("alarms", "power", "refits", "peers")
FOUND_BY = {**dict.fromkeys(MOVES, "drifted"), "labels": "score", "doubt": "estimate"}


def alarm_cases() -> list[Case]:
    """Return the cases of false alarms, by model and size."""
    return [Case("alarms", world.name, size) for world in WORLDS for size in SIZES]


def power_cases() -> list[Case]:
    """Return the cases of moves, by what moves, size and share."""
    return [
        Case("power", "binary", size, how, share)
        for how in FOUND_BY for size in LARGE for share in SHARES
    ]  # fmt: skip


def refit_cases() -> list[Case]:
    """Return the cases of estimates over many models."""
    worlds = [world.name for world in WORLDS if world.name != "regression"]
    return [Case("refits", name, size) for name in worlds for size in LARGE]


def peer_cases() -> list[Case]:
    """Return the cases that the peers judge too."""
    nothing = [Case("peers", "binary", size) for size in LARGE]
    return nothing + [
        Case("peers", "binary", size, how, share)
        for how, sizes in PEER_MOVES.items() for size in sizes for share in SHARES
    ]  # fmt: skip


def print_alarms(found: Found) -> None:
    """Print the shares of false alarms by model and size, in percent."""
    print("False alarms, % of windows (aim: at most 1)\n")
    print(f"{'model':12}{'rows':>7}{'windows':>9}{'score':>8}{'estimate':>10}{'drifted':>9}"
          f"{'alarm':>7}{'in interval':>13}")  # fmt: skip
    for case in alarm_cases():
        if windows := found.windows(case):
            shares = [found.percent(case, p) for p in ("score", "estimate", "drifted", "alarm")]
            inside = found.percent(case, "inside", "estimates")
            print(f"{case.model:12}{case.rows:7,}{windows:9,}{shares[0]:8.1f}{shares[1]:10.1f}"
                  f"{shares[2]:9.1f}{shares[3]:7.1f}{_text(inside, 1):>13}")  # fmt: skip
    print()


def print_power(found: Found) -> None:
    """Print the share of windows in which each move is found, in percent."""
    print("Moves found, % of windows, model of two classes\n")
    print(f"{'what moves':14}{'rows':>7}{'windows':>9}" + "".join(f"{s:>8.0%}" for s in SHARES))
    for how, part in FOUND_BY.items():
        for size in LARGE:
            cases = [Case("power", "binary", size, how, share) for share in SHARES]
            if least := min(map(found.windows, cases)):
                numbers = "".join(f"{found.percent(c, part):8.0f}" for c in cases)
                print(f"{how:14}{size:7,}{least:9,}{numbers}")
    print("\nlabels: a share of the labels is flipped, the score; doubt: a share of the rows is")
    print("made uncertain, the estimate without labels; else one column of ten, the drift\n")


def print_refits(found: Found) -> None:
    """Print how many intervals of estimates hold the score, over many models."""
    print("Estimates over many models, each with held-out rows of its own: % in the interval\n")
    print(f"{'model':12}{'rows':>7}{'windows':>9}{'models':>8}{'in interval':>13}{'worse':>7}")
    for case in refit_cases():
        if windows := found.windows(case):
            inside = found.percent(case, "inside", "estimates")
            print(f"{case.model:12}{case.rows:7,}{windows:9,}{found.blocks[case]:8}"
                  f"{_text(inside, 1):>13}{found.percent(case, 'estimate'):7.1f}")  # fmt: skip
    print()


def print_peers(found: Found) -> None:
    """Print what mulle and the peers find in the same windows, in percent."""
    print("The same windows: % with an alarm\n")
    print(f"{'':16}{'':>7}{'':>9}{'mulle:':>8}{'':>10}{'Evidently:':>12}{'':>7}{'NannyML:':>10}")
    print(f"{'what moves':16}{'rows':>7}{'windows':>9}{'drift':>8}{'estimate':>10}"
          f"{'any column':>12}{'half':>7}{'any':>10}{'CBPE':>6}")  # fmt: skip
    for case in sorted(peer_cases(), key=lambda c: (c.move, c.share, c.rows)):
        if windows := found.windows(case):
            name = f"{case.move} {case.share:.0%}" if case.move else "nothing"
            ours = [_text(found.percent(case, part)) for part in ("drifted", "estimate")]
            theirs = [
                _text(found.percent(case, part, f"{part}-windows"))
                for part in ("evidently", "preset", "nannyml", "cbpe")
            ]
            print(f"{name:16}{case.rows:7,}{windows:9,}{ours[0]:>8}{ours[1]:>10}{theirs[0]:>12}"
                  f"{theirs[1]:>7}{theirs[2]:>10}{theirs[3]:>6}")  # fmt: skip
    print()


def _text(value: float | None, digits: int = 0) -> str:
    return "–" if value is None else f"{value:.{digits}f}"


def draw(found: Found, path: Path) -> None:
    """Draw the power by the share of rows that moved, with mulle's own charts."""
    from mulle.report import charts

    shares = [0.0, *(100 * s for s in SHARES)]
    lines = {}
    for how, label, sizes in (("number", "", LARGE), ("labels", "labels, ", (1_000,))):
        for size in sizes:
            cases = [Case("power", "binary", size, how, share) for share in SHARES]
            nothing = found.percent(Case("alarms", "binary", size), FOUND_BY[how])
            values = [nothing, *(found.percent(case, FOUND_BY[how]) for case in cases)]
            if None not in values:
                lines[f"{label}{size:,} rows"] = shares, values
    drawing = charts.line(lines, "% of rows that moved", "% of windows with an alarm")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(drawing.svg(alone=True), encoding="utf-8")
    print(f"picture   {path}")


def run(chosen: argparse.Namespace, folder: Path, found: Found) -> None:
    """Judge the windows that are lacking, those of few rows first, until the time is up."""
    models: dict[str, Fitted] = {}

    def model(name: str) -> Fitted:
        if name not in models:
            models[name] = fit(next(w for w in WORLDS if w.name == name), folder / "models")
        return models[name]

    small = {case: chosen.windows for case in alarm_cases()}
    work: dict[str, tuple[dict[Case, int], Callable[[Case, int], None]]] = {
        "alarms": (small, lambda c, n: run_case(model(c.model), c, n, found)),
        "power": (
            {case: chosen.windows // (20 if case.rows > 1_000 else 4) for case in power_cases()},
            lambda c, n: run_case(model(c.model), c, n, found),
        ),
        "refits": (
            {case: chosen.windows // 4 for case in refit_cases()},
            lambda c, n: run_refits(c, n, folder / "refits", found),
        ),
        "peers": (
            dict.fromkeys(peer_cases() if chosen.peers else [], chosen.peer_windows),
            lambda c, n: run_peers(chosen.peers, model(c.model), c, n, folder, found),
        ),
    }
    for part in chosen.parts:
        cases, judge_all = work[part]
        for case, windows in sorted(cases.items(), key=lambda pair: pair[0].rows):
            if windows > found.windows(case):
                judge_all(case, windows)
                print(f"{spent():7.0f} s  {case}", file=sys.stderr, flush=True)
            if spent() > chosen.seconds:
                return


def spent() -> float:
    """Return the seconds of processor time so far, with those of the peers."""
    return sum(os.times()[:4])


def main() -> None:
    """False alarms of five models, the power of one, estimates over many, and the peers."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--windows", type=int, default=1_000)
    parser.add_argument("--parts", nargs="+", choices=PARTS, default=PARTS)
    parser.add_argument("--peers", default=os.environ.get("WATCH_PEERS"))
    parser.add_argument("--peer-windows", type=int, default=50)
    parser.add_argument("--folder", type=Path, default=None)
    parser.add_argument("--seconds", type=float, default=float("inf"))
    parser.add_argument("--quick", action="store_true", help="40 windows, 10 of the peers'")
    parser.add_argument("--picture", type=Path, default=None)
    chosen = parser.parse_args()
    if chosen.quick:
        chosen.windows, chosen.peer_windows = 40, 10
    header("False alarms and power of the verdict", "mulle", "polars", "onnxruntime")
    with tempfile.TemporaryDirectory() as name:
        folder = chosen.folder or Path(name)
        folder.mkdir(parents=True, exist_ok=True)
        found = Found(folder / "windows.jsonl")
        run(chosen, folder, found)
        for show in (print_alarms, print_power, print_refits, print_peers):
            show(found)
        if chosen.picture:
            draw(found, chosen.picture)
    print(f"{spent():.0f} seconds of processor time")


if __name__ == "__main__":
    main()
