"""What all charts share: colours, type, the frame, and labels that fit.

Colours are CSS variables of the page, so that one picture serves light and dark; the frame is
computed here from widths of characters and not from fonts, so that it is the same on any machine.
"""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

Spec = dict[str, Any]
Layer = dict[str, Any]
Numbers = Sequence[float]

INK, QUIET, RULE, PAPER = "currentColor", "var(--quiet)", "var(--rule)", "var(--paper)"
ACCENT, SECOND = "var(--accent)", "var(--second)"
WIDE, HALF, PHONE = 704, 344, 344  # outer widths in CSS pixels
FONT_SIZE = 12
LIGHT = {  # the colours of the light page, for a picture that stands alone
    "ink": "#21201c",
    "quiet": "#65635c",
    "rule": "#dddad2",
    "paper": "#fdfcf9",
    "accent": "#0b63a5",
    "second": "#ae4e08",
}

_TEXT = {"labelColor": INK, "labelFontSize": FONT_SIZE, "labelFontWeight": "normal",
         "titleColor": QUIET, "titleFontSize": FONT_SIZE, "titleFontWeight": "normal",
         "labelLimit": 0, "titleLimit": 0}  # fmt: skip
CONFIG: dict[str, Any] = {
    "aria": False,
    "background": None,
    "font": "sans-serif",
    "view": {"stroke": None},
    "axis": {**_TEXT, "gridColor": RULE, "domain": False, "ticks": False, "labelPadding": 6,
             "labelFlush": False},
    "axisX": {"titlePadding": 8},
    "legend": {**_TEXT, "orient": "none", "direction": "horizontal", "title": None,
               "symbolStrokeWidth": 2.5, "columnPadding": 18, "rowPadding": 4},
    "scale": {"bandPaddingInner": 0.35, "bandPaddingOuter": 0.2},
    "bar": {"color": ACCENT},  # round corners would need clip paths, whose ids clash in a page
    "rect": {"color": ACCENT},
    "line": {"color": ACCENT, "strokeWidth": 2},
    "point": {"color": ACCENT, "filled": True, "opacity": 1, "size": 56},
    "rule": {"color": QUIET, "strokeWidth": 1.5},
    "tick": {"color": INK, "thickness": 2},
    "text": {"color": INK, "fontSize": FONT_SIZE},
}  # fmt: skip


def frame(
    layers: Sequence[Layer],
    *,
    title: str,
    description: str,
    height: float,
    outer: int = HALF,
    left: float = 52,
    right: float = 14,
    top: float = 30,
    bottom: float = 44,
) -> Spec:
    """A chart of `layers`, `outer` pixels wide, with fixed margins; `title` is for screen readers.

    Nothing is laid out by measured text, so the margins must hold the labels: see `margin`.
    """
    return {
        "$schema": "https://vega.github.io/schema/vega-lite/v5.json",
        "usermeta": {"title": clean(title)},
        "description": clean(description),
        "autosize": "none",
        "padding": {"left": left, "right": right, "top": top, "bottom": bottom},
        "width": outer - left - right,
        "height": height,
        "config": CONFIG,
        "layer": list(layers),
    }


def outer_width(spec: Spec) -> float:
    """The width of a chart with its margins, in pixels."""
    return float(spec["width"] + spec["padding"]["left"] + spec["padding"]["right"])


def narrowed(spec: Spec, outer: int = PHONE) -> Spec:
    """The same chart for a narrower place, its text as large as before."""
    margins = spec["padding"]["left"] + spec["padding"]["right"]
    return {**spec, "width": max(80, outer - margins)}


def x(field: str, title: str | None = None, **more: Any) -> dict[str, Any]:
    """A quantitative x channel; `more` may hold `domain`, `zero`, and the `values` it will show."""
    return _channel(field, {"title": title, "tickCount": 5}, more)


def y(field: str, title: str | None = None, **more: Any) -> dict[str, Any]:
    """A quantitative y channel with its title lying flat above the axis, where it can be read."""
    flat = {"titleAngle": 0, "titleAlign": "left", "titleBaseline": "bottom", "titleAnchor": "end",
            "titleX": -40, "titleY": -12, "tickCount": 5}  # fmt: skip
    return _channel(field, {"title": title, **flat}, more)


def _channel(field: str, axis: dict[str, Any], more: dict[str, Any]) -> dict[str, Any]:
    scale: dict[str, Any] = {"zero": more.pop("zero", False)}
    if "domain" in more:
        scale |= {"domain": more.pop("domain"), "nice": False}
    if any(abs(v) >= 1e6 for v in more.pop("values", ()) if math.isfinite(v)):
        axis["labelExpr"] = "datum.value ? format(datum.value, '~s') : '0'"  # 20M, not 20,000,000
    return {"field": field, "type": "quantitative", "axis": axis, "scale": scale, **more}


def names(field: str = "name") -> dict[str, Any]:
    """A y channel of names, in the order of the data."""
    axis = {"title": None, "grid": False, "labelPadding": 10}
    return {"field": field, "type": "nominal", "sort": None, "axis": axis}


def series(labels: Sequence[str]) -> dict[str, Any]:
    """A colour channel for named series: the two accents, then quiet ink."""
    colours = [ACCENT, SECOND, INK, QUIET]
    many = [ACCENT, SECOND, *[QUIET] * max(0, len(labels) - 2)]
    drawn = colours[: len(labels)] if len(labels) <= len(colours) else many
    legend = None if len(labels) < 2 else {
        "values": list(labels[:4]), "columns": 2, "legendX": -40, "legendY": 8 - above(labels)
    }  # fmt: skip
    scale = {"domain": list(labels), "range": drawn}
    return {"field": "series", "type": "nominal", "sort": None, "scale": scale, "legend": legend}


def above(labels: Sequence[str]) -> int:
    """Pixels above a chart: the title of its y axis, and a legend if it has several series."""
    rows = math.ceil(min(len(labels), 4) / 2) if len(labels) > 1 else 0
    return 30 + 20 * rows + (4 if rows else 0)


def points(**columns: Iterable[Any]) -> dict[str, list[dict[str, Any]]]:
    """Inline data from columns of equal length; rows with a number that is not finite are left out.

    >>> points(x=[1, float("nan")], y=[2, 3])
    {'values': [{'x': 1.0, 'y': 2.0}]}
    """
    rows = [
        dict(zip(columns, map(_plain, row), strict=True))
        for row in zip(*columns.values(), strict=True)
    ]
    return {"values": [r for r in rows if not any(v is math.nan for v in r.values())]}


def _plain(value: Any) -> Any:
    if value is None or isinstance(value, (str, bool)):
        return value
    return float(value) if math.isfinite(value) else math.nan


def labels(texts: Iterable[Any], limit: int = 24) -> list[str]:
    """Names shortened in the middle to `limit` columns of text, and still different.

    >>> labels(["나이", "a very long name of some column", "a very long name, this column"], 16)
    ['나이', 'a very l…column', 'a very l…column ²']
    """
    taken: dict[str, int] = {}
    result = []
    for text in texts:
        short = shorten(clean(str(text)), limit)
        taken[short] = taken.get(short, 0) + 1
        result.append(short + ("" if taken[short] == 1 else f" {_superscript(taken[short])}"))
    return result


def title(text: str) -> str:
    """A column's name as the title of an axis."""
    return shorten(clean(text), 44)


def clean(text: str) -> str:
    """Text that can stand in a picture: one line, no control characters, no lone surrogates."""
    text = " ".join(text.split()) or "“”"
    return "".join(c for c in text if unicodedata.category(c) not in {"Cc", "Cs", "Cn"})


def shorten(text: str, limit: int) -> str:
    """`text` within `limit` columns (Hangul takes two), its middle left out if it must be.

    >>> shorten("아파트 전용면적(제곱미터)", 12)
    '아파트…미터)'
    """
    if columns(text) <= limit:
        return text
    head, tail = "", ""
    for character in text:
        if columns(head + character) > limit * 0.55:
            break
        head += character
    for character in reversed(text):
        if columns(head + tail + character) > limit - 1:
            break
        tail = character + tail
    return f"{head.rstrip()}…{tail.lstrip()}"


def columns(text: str) -> int:
    """How wide a text is in a terminal's columns: wide characters count two."""
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def margin(texts: Iterable[str]) -> float:
    """Pixels that the widest of some labels needs beside an axis."""
    return 18 + 7.5 * max((columns(t) for t in texts), default=0)


def extent(*groups: Iterable[float]) -> list[float]:
    """A domain that holds all finite values, a little wider than they are."""
    values = [float(v) for group in groups for v in group if math.isfinite(v)]
    low, high = min(values, default=0.0), max(values, default=1.0)
    room = (high - low or abs(high) or 1) * 0.04
    return [low - room, high + room]


def focus(values: Sequence[float], keep: int = 3) -> list[float]:
    """Values without those so far off that the rest would stand in one spot; the first leads.

    >>> focus([0.88, 0.87, 0.86, 0.5])
    [0.88, 0.87, 0.86]
    """
    near = sorted((v for v in values if math.isfinite(v)), key=lambda v: abs(v - values[0]))
    while len(near) > keep and abs(near[-1] - near[0]) > 3 * abs(near[-2] - near[0]) > 0:
        near.pop()
    return near


def values_of(record: Mapping[str, Any], key: str) -> float:
    """A number of a record, nan where there is none."""
    value = record.get(key)
    return math.nan if value is None else float(value)


def _superscript(count: int) -> str:
    return str(count).translate(str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹"))


def thin(length: int, limit: int = 2000) -> range:
    """Evenly spaced positions, at most about `limit`, so that a picture stays small.

    >>> list(thin(7, 3))
    [0, 3, 6]
    """
    return range(0, length, max(1, math.ceil(length / limit)))
