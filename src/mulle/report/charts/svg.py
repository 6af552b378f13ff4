"""A chart specification as an SVG picture that stands in the page.

Pictures are drawn when the page is written, not by a script when it is read: so the page opens
offline, needs no script, prints, and is a tenth of the size of one that carries the chart library.
Text stays text: the reader's own fonts show Hangul, and it can be searched and copied.
"""

from __future__ import annotations

import html
import re

from mulle.report.charts.canvas import Drawing
from mulle.report.charts.theme import LIGHT, Spec

_ROOT = re.compile(r"<svg[^>]*?width=\"([\d.]+)\" height=\"([\d.]+)\"[^>]*>")
_NOISE = re.compile(
    r"<path class=\"(?:fore|back)ground\"[^>]*/>"  # frames of groups, never shown by our theme
    r"|<text[^>]*opacity=\"0\"[^>]*>[^<]*</text>"  # labels that overlap others
    r"| (?:font-family|pointer-events|class|role|aria-[a-z]+|stroke-miterlimit)=\"[^\"]*\""
    r"| (?:opacity|stroke-width)=\"1\"| transform=\"translate\(0,0\)\""
)
_GEOMETRY = re.compile(r" (?:d|transform|x|y|x2|y2)=\"[^\"]*\"")
_LONG = re.compile(r"-?\d+\.\d{2,}")
_VARIABLE = re.compile(r"var\(--(\w+)\)")


def svg(chart: Spec | Drawing) -> str:
    """Draw a Vega-Lite specification; a drawing is drawn already.

    The first call takes about half a second, while the renderer starts; others some 20 ms.

    Returns:
        An `<svg>` element with an accessible name (`usermeta.title`) and `description`, a
        transparent background, the page's colours, no fonts, and no ids.
    """
    if isinstance(chart, Drawing):
        return chart.svg()
    import vl_convert

    spec = chart
    drawn = vl_convert.vegalite_to_svg(spec)
    found = _ROOT.search(drawn)
    width, height = found.groups() if found else ("0", "0")
    body = drawn[found.end() if found else 0 :]
    body = _GEOMETRY.sub(lambda m: _LONG.sub(_short, m[0]), _NOISE.sub("", body))
    body = _VARIABLE.sub(lambda m: f"var(--{m[1]},{LIGHT.get(m[1], 'currentColor')})", body)
    title = html.escape(spec.get("usermeta", {}).get("title", ""))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-label="{title}" '
        f'width="{width}" height="{height}" viewBox="0 0 {width} {height}">'
        f"<desc>{html.escape(spec.get('description', ''))}</desc>{body}"
    )


def _short(match: re.Match[str]) -> str:
    return f"{float(match[0]):.1f}".removesuffix(".0")
