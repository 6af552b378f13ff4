"""The report of a fit, from the finding down to the whole decision log."""

from __future__ import annotations

from mulle.language import messages
from mulle.report import notices, render
from mulle.verbs.fit.data import Data
from mulle.verbs.fit.package import Packaged
from mulle.verbs.fit.report import columns, curves, leaderboard, summary, trust
from mulle.verbs.fit.report.findings import Findings
from mulle.verbs.fit.run import Run


def report(
    packaged: Packaged,
    data: Data,
    run: Run,
    bundle_name: str,
    bundle_bytes: int,
    lang: str,
) -> str:
    """Render what was learned, how good it is, and every choice on the way.

    Args:
        packaged: what came out of the run.
        data: what it learned from and was tested on.
        run: the run with its decision log.
        bundle_name, bundle_bytes: the file that ships, as it is to be typed, and its size.
        lang: `en` or `ko`.

    Returns:
        HTML that needs no network.

    Raises:
        UnknownName: no such language.
    """
    words = messages(lang)
    f = Findings(packaged, data, run, bundle_name, bundle_bytes, words)
    blocks = [
        *summary.lead(f),
        *summary.warnings(f),
        *notices(data.reading.left_out, data.reading.doubts, words),
        *columns.repairs(f),
        *columns.columns(f),
        *leaderboard.leaderboard(f),
        *curves.curves(f),
        *trust.importances(f),
        *trust.proof(f),
        *trust.scores(f),
        *trust.use(f),
        *trust.log(f),
    ]
    title = words("report.title", target=data.target.name)
    return render(title, blocks, lang=words.lang, subtitle=summary.finding(f))
