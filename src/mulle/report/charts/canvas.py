"""Pictures drawn as SVG: a few hundred bytes each, so that a page can hold thousands.

Marks carry the names of `INKS`, which the page's stylesheet colours for light and dark; a picture
that stands alone carries the colours itself. Text stays text, in the reader's own fonts.
"""

from __future__ import annotations

import html
import math
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from mulle.files import write_bytes
from mulle.report.charts.theme import FONT_SIZE, LIGHT, clean

STEPS = (3, 9, 15, 22, 29, 36, 43, 50, 92, 100)  # per cent of colour; text turns to paper at 92
_LINE = "fill:none;stroke-width:2;stroke-linejoin:round"
_DOT = "fill:none;stroke-width:6;stroke-linecap:round"
_SERIES = (  # series differ by colour and by dashes, so that no reader needs the colours
    ("accent", ""), ("second", ""), ("ink", ";stroke-dasharray:8 3"),
    ("quiet", ";stroke-dasharray:2 3"), ("accent", ";stroke-dasharray:8 3 2 3"),
    ("second", ";stroke-dasharray:3 2"),
)  # fmt: skip
INKS = {
    "bar": "fill:var(--accent)",
    "mute": "fill:var(--quiet);fill-opacity:.55",
    "over": "fill:var(--second)",
    "box": "fill:var(--accent);fill-opacity:.3",
    "line": "fill:none;stroke:var(--accent);stroke-width:1.5",
    "outline": "fill:none;stroke:var(--second);stroke-width:1.75",
    "mark": "fill:none;stroke:var(--ink);stroke-width:2",
    "thin": "fill:none;stroke:var(--quiet);stroke-width:1",
    "grid": "fill:none;stroke:var(--rule);stroke-width:1",
    "dot": "fill:none;stroke:var(--accent);stroke-width:3.5;stroke-linecap:round;stroke-opacity:.5",
    "far": "fill:none;stroke:var(--accent);stroke-width:3;stroke-linecap:round",
    "spot": "fill:none;stroke:var(--accent);stroke-width:8;stroke-linecap:round",
    "dash": "fill:none;stroke:var(--quiet);stroke-width:1.25;stroke-dasharray:4 4",
    "error": "fill:none;stroke:var(--accent);stroke-width:2;stroke-opacity:.45",
    "whisker": "fill:none;stroke:var(--ink);stroke-width:1.25",
    "foot": "fill:var(--rule)",
    **{f"l{k}": f"{_LINE};stroke:var(--{c}){dash}" for k, (c, dash) in enumerate(_SERIES)},
    **{f"d{k}": f"{_DOT};stroke:var(--{c})" for k, (c, _) in enumerate(_SERIES)},
    "ts": "fill:var(--ink)",
    "tm": "fill:var(--ink);text-anchor:middle",
    "te": "fill:var(--ink);text-anchor:end",
    "wm": "fill:var(--paper);text-anchor:middle",
    "sm": "fill:var(--ink);text-anchor:middle;font-size:11px",
    "ws": "fill:var(--paper);text-anchor:middle;font-size:11px",
    "qs": "fill:var(--quiet)",
    "qh": "fill:var(--quiet);stroke:var(--paper);stroke-width:4;paint-order:stroke",
    "qm": "fill:var(--quiet);text-anchor:middle",
    "qe": "fill:var(--quiet);text-anchor:end",
    **{f"p{k}": f"fill:var(--accent);fill-opacity:{s / 100:g}" for k, s in enumerate(STEPS)},
    **{f"n{k}": f"fill:var(--second);fill-opacity:{s / 100:g}" for k, s in enumerate(STEPS)},
}
_CLASS = re.compile(r'class="(\w+)"')
_FAMILY = "Noto Sans KR, Noto Sans CJK KR, NanumGothic, Apple SD Gothic Neo, Malgun Gothic"


@dataclass(frozen=True)
class Drawing:
    """A picture, which a notebook displays.

    Attributes:
        width, height: in CSS pixels.
        title: its accessible name.
        description: what it shows, in a few words.
        body: SVG marks, escaped, their class one of `INKS`.
        narrow: the same picture for a phone, where this one is too wide for it.
    """

    width: float
    height: float
    title: str
    description: str
    body: str
    narrow: Drawing | None = None

    def svg(self, *, alone: bool = False) -> str:
        """Return the `<svg>` element; `alone` with colours and fonts, for a file or a notebook."""
        about = f"<desc>{html.escape(self.description)}</desc>" if self.description else ""
        label = html.escape(self.title)
        if not alone:
            size = f"{_px(self.width)} {_px(self.height)}"
            shape = 'width="{}" height="{}"'.format(*size.split())
            head = f'<svg role="img" aria-label="{label}" {shape} viewBox="0 0 {size}">'
            return f"{head}{about}{self.body}</svg>"
        # Outside of a page, there is no caption and no ground: both come with the picture.
        edge, top = 16, 44
        width, height = _px(self.width + 2 * edge), _px(self.height + top + edge)
        body = _CLASS.sub(lambda match: f'style="{alone_style(match[1])}"', self.body)
        named = (
            f'<text y="-18" font-size="14" font-weight="600" fill="{LIGHT["ink"]}">{label}</text>'
        )
        ground = (
            f'<rect x="-{edge}" y="-{top}" width="100%" height="100%" fill="{LIGHT["paper"]}"/>'
        )
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-label="{label}" '
            f'width="{width}" height="{height}" viewBox="-{edge} -{top} {width} {height}" '
            f'font-family="{_FAMILY}, sans-serif" font-size="{FONT_SIZE}">'
            f"{about}{ground}{named}{body}</svg>"
        )

    def png(self, *, scale: float = 2.0) -> bytes:
        """Return the picture as a PNG, `scale` device pixels for each CSS pixel.

        Raises:
            MissingExtra: the extra `png` is not installed.
        """
        require_png()
        import vl_convert

        return bytes(vl_convert.svg_to_png(self.svg(alone=True), scale=scale))

    def save(self, path: str | Path) -> None:
        """Write the picture to a `.png` or `.svg` file.

        Raises:
            MissingExtra: a `.png` is asked for and the extra `png` is not installed.
            UsageError: the name ends in something else.
            RunError: the folder cannot be written to.
        """
        from mulle.errors import UsageError

        path = Path(path)
        if path.suffix.lower() not in {".png", ".svg"}:
            raise UsageError("picture-format", where=str(path), suffix=path.suffix or path.name)
        png = path.suffix.lower() == ".png"
        write_bytes(path, self.png() if png else self.svg(alone=True).encode())

    def _repr_svg_(self) -> str:
        return self.svg(alone=True)


class Canvas:
    """A surface of fixed size that collects marks."""

    def __init__(self, width: float, height: float) -> None:
        self.width, self.height = width, height
        self._marks: list[str] = []

    def path(self, ink: str, d: str) -> None:
        """Draw a path; an empty path is left out."""
        if d:
            self._marks.append(f'<path class="{ink}" d="{d}"/>')

    def rects(self, ink: str, boxes: Iterable[tuple[float, float, float, float]]) -> None:
        """Draw rectangles (x, y, width, height) as one mark; those without an area are left out."""
        self.path(ink, "".join(_rect(*box) for box in boxes if box[2] > 0 and box[3] > 0))

    def segments(self, ink: str, ends: Iterable[tuple[float, float, float, float]]) -> None:
        """Draw straight lines (x, y, x2, y2) as one mark."""
        self.path(ink, "".join(f"M{_px(a)} {_px(b)}L{_px(c)} {_px(d)}" for a, b, c, d in ends))

    def line(self, ink: str, points: Iterable[tuple[float, float]]) -> None:
        """Draw a line through points as one mark."""
        self.path(ink, "".join(f"{'L' if k else 'M'}{_px(x)} {_px(y)}"
                               for k, (x, y) in enumerate(points)))  # fmt: skip

    def diamonds(self, ink: str, points: Iterable[tuple[float, float]], half: float = 5) -> None:
        """Draw diamonds centred at points as one mark."""
        h = _px(half)
        self.path(ink, "".join(f"M{_px(x)} {_px(y - half)}l{h} {h}l-{h} {h}l-{h} -{h}z"
                               for x, y in points))  # fmt: skip

    def dots(self, ink: str, points: Iterable[tuple[float, float]]) -> None:
        """Draw points as one mark."""
        self.path(ink, "".join(f"M{_px(x)} {_px(y)}h0" for x, y in points))

    def text(self, ink: str, x: float, y: float, text: str, *, turn: float = 0) -> None:
        """Write a line of text whose baseline begins (or ends, or is centred) at (x, y).

        Args:
            ink: one of `INKS`; `text-anchor` of the ink says what lies at (x, y).
            x, y: in pixels.
            text: one line.
            turn: degrees that the text is turned clockwise about (x, y).
        """
        escaped = html.escape(clean(text), quote=False)
        place = f'x="{_px(x)}" y="{_px(y)}"'
        place += f' transform="rotate({_px(turn)} {_px(x)} {_px(y)})"' if turn else ""
        self._marks.append(f'<text class="{ink}" {place}>{escaped}</text>')

    def drawing(self, title: str, description: str = "") -> Drawing:
        """Return the finished picture."""
        body = "".join(self._marks)
        return Drawing(
            self.width, self.height, clean(title), clean(description) if description else "", body
        )


@dataclass(frozen=True)
class Scale:
    """Map numbers from `low` to `high` to pixels from `start` to `end`; others are clipped.

    >>> Scale(0, 10, 0, 100)(2.5), Scale(0, 10, 100, 0)(20)
    (25.0, 0.0)
    """

    low: float
    high: float
    start: float
    end: float

    def __call__(self, value: float) -> float:
        """Return where a number lies, in pixels."""
        # Halved first, so that the widest range of floats does not overflow.
        span = self.high / 2 - self.low / 2
        share = (value / 2 - self.low / 2) / span if span > 0 else 0.5
        return self.start + min(1.0, max(0.0, share)) * (self.end - self.start)

    def ticks(self, wanted: int = 4) -> list[float]:
        """Return round numbers inside the range, about as many as wanted.

        >>> Scale(0, 97, 0, 1).ticks(), Scale(-0.3, 0.31, 0, 1).ticks(3)
        ([0.0, 20.0, 40.0, 60.0, 80.0], [-0.2, 0.0, 0.2])
        """
        span = self.high - self.low
        if not (math.isfinite(span) and span > 0) or abs(self.low) > span * 1e12:
            return [self.low] if self.low == self.high else [self.low, self.high]
        raw = span / wanted
        power = 10.0 ** math.floor(math.log10(raw)) if raw > 1e-300 else 0.0
        if not power:
            return [self.low, self.high]
        step = power * next((m for m in (1, 2, 5) if m * power >= raw * 0.8), 10)
        first = math.ceil(self.low / step - 1e-9)
        last = math.floor(self.high / step + 1e-9)
        return [float(f"{k * step:.12g}") for k in range(first, last + 1)]


def require_png() -> None:
    """Check that pictures can be written as PNG, before the work on one begins.

    Raises:
        MissingExtra: the extra `png` is not installed.
    """
    from mulle.errors import MissingExtra

    try:
        import vl_convert  # noqa: F401
    except ImportError:
        raise MissingExtra("vl-convert-python", "png", "png") from None


def inks() -> str:
    """Return the rules for the page's stylesheet."""
    rules = [f".chart .{name}{{{style}}}" for name, style in INKS.items()]
    rules += [f".heat .{sign}{k}{{--shade:{s}%}}" for sign in "pn" for k, s in enumerate(STEPS)]
    return "\n".join(rules)


def alone_style(ink: str) -> str:
    """Return the style of an ink in the colours of the light page, for a picture alone."""
    return re.sub(r"var\(--(\w+)\)", lambda match: LIGHT[match[1]], INKS[ink])


def _rect(x: float, y: float, width: float, height: float) -> str:
    return f"M{_px(x)} {_px(y)}h{_px(width)}v{_px(height)}h{_px(-width)}z"


def _px(value: float) -> str:
    """Write a length to a tenth of a pixel, as short as possible."""
    rounded = round(value, 1)
    return str(int(rounded)) if rounded == int(rounded) else str(rounded)
