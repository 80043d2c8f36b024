"""The figures as one HTML file that needs no other, to be read and printed."""

from __future__ import annotations

import base64
import os
from collections.abc import Iterator
from html import escape
from itertools import groupby
from pathlib import Path

from vcam.quality.evaluation import Evaluation
from vcam.quality.gallery import Gallery, Miss
from vcam.quality.judge import MAIN
from vcam.quality.plot import area_plot, recall_plot, timeline
from vcam.quality.tables import Table, tables

_STYLE = """
:root{--ink:#15202b;--dim:#5b6875;--line:#d5dae0;--bad:#c81e1e}
*{box-sizing:border-box}
body{font:15px/1.5 system-ui,"Liberation Sans",sans-serif;color:var(--ink)}
body{max-width:960px;margin:0 auto;padding:32px 24px}
h1{font-size:26px;margin:0 0 4px}
h2{font-size:19px;margin:36px 0 8px;padding-top:10px;border-top:2px solid var(--ink)}
h3{font-size:15px;margin:22px 0 6px}
p{margin:6px 0;color:var(--dim);max-width:75ch}
.warn{color:#fff;background:var(--bad);padding:8px 12px;max-width:none;font-weight:600}
.tiles{display:flex;flex-wrap:wrap;gap:12px;margin:18px 0}
.tile{border:1px solid var(--line);border-radius:6px;padding:10px 14px;flex:1 1 170px}
.tile b{display:block;font-size:24px;font-variant-numeric:tabular-nums}
.tile span{color:var(--dim);font-size:13px}
table{border-collapse:collapse;width:100%;font-size:13px;font-variant-numeric:tabular-nums;margin:8px 0}
th,td{text-align:right;padding:3px 8px;border-bottom:1px solid var(--line);white-space:nowrap}
th{border-bottom:2px solid var(--ink);white-space:normal;vertical-align:bottom}
th:first-child,td:first-child{text-align:left}
tr{break-inside:avoid}
.scroll{overflow-x:auto}
svg{width:100%;height:auto;max-width:760px;display:block;font:12px system-ui,"Liberation Sans",sans-serif}
svg text{fill:var(--ink)}svg .small{font-size:10px;fill:var(--dim)}
.plot,figure{break-inside:avoid}
.misses{display:flex;flex-wrap:wrap;gap:12px;align-items:flex-end}
figure{margin:0;max-width:200px}
figure img{max-width:100%;display:block}
figcaption{font-size:11px;color:var(--dim);overflow-wrap:anywhere}
@media print{body{max-width:none;padding:0;font-size:11px}.scroll{overflow:visible}}
@media print{table{font-size:9px}th,td{padding:2px 4px}}
"""

_PRIVATE = 0o600


def write_report(path: Path, evaluation: Evaluation, gallery: Gallery | None = None) -> None:
    """Write the report to `path`, readable by its owner alone: with a gallery it shows people unmasked."""
    text = "".join(_page(evaluation, gallery.misses if gallery is not None else []))
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, _PRIVATE)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        os.fchmod(descriptor, _PRIVATE)  # the file may have been there with wider rights
        file.write(text)


def _page(evaluation: Evaluation, misses: list[Miss]) -> Iterator[str]:
    yield '<!doctype html><html lang="en"><head><meta charset="utf-8">'
    yield '<meta name="viewport" content="width=device-width,initial-scale=1">'
    yield f"<title>How well footage is masked</title><style>{_STYLE}</style></head><body>"
    yield "<h1>How well footage is masked</h1>"
    if misses:
        yield '<p class="warn">This file shows people or plates unmasked. Keep it as you keep originals.</p>'
    yield f'<div class="tiles">{"".join(_tiles(evaluation))}</div>'
    if evaluation.recall:
        yield "<h2>Pictures</h2>"
        for name, sets in groupby(evaluation.recall, key=lambda one: one.name):
            yield f'<div class="plot"><h3>Recall in % by size: {escape(name)}</h3>{recall_plot(list(sets))}</div>'
        yield "<p>Lines are 95 % intervals, the numbers above them labels.</p>"
    if evaluation.clips:
        yield from _clips(evaluation)
    yield "<h2>Tables</h2>"
    yield from map(_table, tables(evaluation))
    yield from _gallery(misses)
    yield "</body></html>\n"


def _tiles(evaluation: Evaluation) -> Iterator[str]:
    for one in evaluation.recall:
        if one.scale == 1:
            low, high = one.count.interval
            words = (
                f"{one.name} covered; {100 * low:.1f} to {100 * high:.1f} %, area {one.area_ratio:.1f} times"
            )
            yield _tile(f"{100 * one.count.share:.1f} %", words)
    for total in evaluation.totals():
        if total.judge == MAIN:
            words = f"leaks in 1000 boxes of {total.judge}: {total.leaked} of {total.seen}"
            yield _tile(f"{total.per_thousand:.1f}", words)
    if evaluation.clips:
        fine = sum(clip.within for clip in evaluation.clips)
        yield _tile(f"{fine} of {len(evaluation.clips)}", "clips within the limit of masked area")


def _tile(figure: str, words: str) -> str:
    return f'<div class="tile"><b>{escape(figure)}</b><span>{escape(words)}</span></div>'


def _clips(evaluation: Evaluation) -> Iterator[str]:
    names = [judge.name for judge in evaluation.judges]
    yield f'<h2>Clips</h2><div class="plot"><h3>Mean masked area</h3>{area_plot(evaluation.clips)}'
    yield "<p>Bar: mean. Thin line: the most in one picture. Stroke: the limit of the mean.</p></div>"
    yield "<h3>Leaks over time</h3><p>Grey: the judge sees something. Red: of that something leaks."
    yield " Below, the masked area; dashed, the limit of its mean.</p>"
    yield (
        "<ul>"
        + "".join(f"<li><b>{escape(j.name)}</b>: {escape(j.about)}</li>" for j in evaluation.judges)
        + "</ul>"
    )
    for clip in evaluation.clips:
        yield f'<div class="plot"><h3>{escape(clip.name)}</h3>{timeline(clip, names)}</div>'


def _table(table: Table) -> str:
    head = "".join(f"<th>{escape(column)}</th>" for column in table.columns)
    rows = "".join(f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in row)}</tr>" for row in table.rows)
    note = f"<p>{escape(table.note)}</p>" if table.note else ""
    body = f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"
    return f'<h3>{escape(table.title)}</h3>{note}<div class="scroll">{body}</div>'


def _gallery(misses: list[Miss]) -> Iterator[str]:
    if not misses:
        return
    yield "<h2>Worst misses</h2><p>As they leave, masked. Red: what should be covered. White: what is.</p>"
    for place, some in groupby(misses, key=lambda miss: miss.place):
        yield f'<h3>{escape(place)}</h3><div class="misses">{"".join(map(_figure, some))}</div>'


def _figure(miss: Miss) -> str:
    data = base64.b64encode(miss.jpeg).decode("ascii")
    caption = escape(miss.spot.caption)
    return (
        f'<figure><img src="data:image/jpeg;base64,{data}" alt=""><figcaption>{caption}</figcaption></figure>'
    )
