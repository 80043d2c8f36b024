"""Plots as SVG: recall by size with its intervals, masked areas against their limits, leaks over time."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from vcam.quality.clip import ClipFigures
from vcam.quality.recall import RecallFigures
from vcam.quality.tables import bin_name

COLOURS = ("#1f5a96", "#c8641e", "#3c8c46", "#8c4696")
_LEAK, _SEEN, _AREA, _LINE = "#c81e1e", "#9aa5b1", "#1f5a96", "#d5dae0"


def _svg(width: float, height: float, parts: Sequence[str], title: str) -> str:
    return f'<svg viewBox="0 0 {width:g} {height:g}" role="img" aria-label="{escape(title)}">{"".join(parts)}</svg>'


def _text(x: float, y: float, words: str, anchor: str = "start", kind: str = "") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" class="{kind}">{escape(words)}</text>'


def _line(start: tuple[float, float], end: tuple[float, float], colour: str, width: float = 1) -> str:
    ends = f'x1="{start[0]:.1f}" y1="{start[1]:.1f}" x2="{end[0]:.1f}" y2="{end[1]:.1f}"'
    return f'<line {ends} stroke="{colour}" stroke-width="{width:g}"/>'


def _bar(x: float, y: float, width: float, height: float, colour: str) -> str:
    sides = f'width="{max(0.0, width):.2f}" height="{height:.1f}"'
    return f'<rect x="{x:.2f}" y="{y:.1f}" {sides} fill="{colour}"/>'


def recall_plot(figures: Sequence[RecallFigures]) -> str:
    """Recall by size of one set at its scales: a point for each bin, its 95 % interval as a line."""
    width, height, left, top, bottom = 640.0, 300.0, 44.0, 34.0, 46.0
    bins = sorted({(low, high) for one in figures for low, high, _ in one.by_size()})
    lowest = min((count.interval[0] for one in figures for *_, count in one.by_size()), default=0.0)
    base = min(0.9, int(lowest * 10) / 10)
    step = (width - left) / max(1, len(bins))

    def y(share: float) -> float:
        return top + (1 - max(base, share)) / (1 - base) * (height - top - bottom)

    parts = []
    for tick in range(round(base * 10), 11):
        level = y(tick / 10)
        parts += [
            _line((left, level), (width, level), _LINE),
            _text(left - 6, level + 4, f"{10 * tick}", "end"),
        ]
    for number, (low, high) in enumerate(bins):
        parts.append(_text(left + (number + 0.5) * step, height - bottom + 18, bin_name(low, high), "middle"))
    measure = "face height" if figures[0].kind == "face" else "plate width"
    parts.append(_text((left + width) / 2, height - 6, f"{measure} in pixels", "middle"))
    for series, one in enumerate(figures):
        colour = COLOURS[series % len(COLOURS)]
        parts.append(_bar(left + 100 * series, 2, 10, 10, colour))
        parts.append(_text(left + 14 + 100 * series, 11, f"scale {one.scale:g}"))
        shift = (series - (len(figures) - 1) / 2) * min(26.0, step / (len(figures) + 0.5))
        for low, high, count in one.by_size():
            x = left + (bins.index((low, high)) + 0.5) * step + shift
            worst, best = count.interval
            parts.append(_line((x, y(worst)), (x, y(best)), colour, 2))
            parts.append(f'<circle cx="{x:.1f}" cy="{y(count.share):.1f}" r="4" fill="{colour}"/>')
            parts.append(_text(x, y(best) - 7, str(count.total), "middle", "small"))
    return _svg(width, height, parts, f"Recall in % by {measure}")


def area_plot(clips: Sequence[ClipFigures]) -> str:
    """Mean masked area of each clip as a bar, its limit as a stroke, the most in a picture as a thin line."""
    width, left, right, row = 640.0, 210.0, 100.0, 24.0
    most = max(max(clip.area_most, clip.limit or 0) for clip in clips)
    scale = (width - left - right) / max(most, 0.01)
    parts = []
    for number, clip in enumerate(clips):
        y = number * row
        parts.append(_text(left - 8, y + 15, clip.name, "end"))
        parts.append(_line((left, y + 11), (left + clip.area_most * scale, y + 11), _SEEN))
        parts.append(_bar(left, y + 5, clip.area * scale, 12, _AREA if clip.within else _LEAK))
        mean = f"{100 * clip.area:.1f}"
        if clip.limit is not None:
            limit = left + clip.limit * scale
            parts.append(_line((limit, y + 2), (limit, y + 20), "#111", 2))
            mean += f" of {100 * clip.limit:.1f}"
        parts.append(_text(width, y + 15, f"{mean} %", "end"))
    return _svg(width, row * len(clips) + 4, parts, "Mean masked area in % of the picture")


def timeline(clip: ClipFigures, judges: Sequence[str]) -> str:
    """What each judge saw over the time of a clip: grey what was covered, red what leaked, and the masked area."""
    width, left, row, chart = 640.0, 84.0, 15.0, 40.0
    span = max(1, len(clip.moments))
    step = (width - left) / span
    parts = []
    for number, judge in enumerate(judges):
        y = number * row
        parts.append(_text(left - 6, y + 11, judge, "end", "small"))
        parts.append(_bar(left, y + 2, width - left, row - 4, "#f2f4f6"))
        for start, end in _runs([m.seen.get(judge, 0) > 0 for m in clip.moments]):
            parts.append(_bar(left + start * step, y + 2, (end - start) * step, row - 4, _SEEN))
        for start, end in _runs([m.leaked.get(judge, 0) > 0 for m in clip.moments]):
            # A single leaked picture of many must still be seen.
            parts.append(_bar(left + start * step, y, max(1.5, (end - start) * step), row, _LEAK))
    top = len(judges) * row + 6
    most = max(0.2, clip.area_most)
    points = " ".join(
        f"{left + (n + 0.5) * step:.1f},{top + chart * (1 - m.area / most):.1f}"
        for n, m in enumerate(clip.moments)
    )
    parts.append(_text(left - 6, top + 9, f"{100 * most:.0f} %", "end", "small"))
    parts.append(_text(left - 6, top + chart, "0", "end", "small"))
    parts += [_line((left, top + chart), (width, top + chart), _LINE), _line((left, top), (width, top), _LINE)]
    if clip.limit is not None:
        limit = top + chart * (1 - min(1.0, clip.limit / most))
        parts.append(
            f'<path d="M{left} {limit:.1f}H{width}" stroke="#111" stroke-dasharray="4 3" fill="none"/>'
        )
    parts.append(f'<polyline points="{points}" fill="none" stroke="{_AREA}" stroke-width="1.5"/>')
    parts.append(_text(left, top + chart + 14, "0 s", kind="small"))
    parts.append(_text(width, top + chart + 14, f"{clip.seconds:.1f} s", "end", "small"))
    return _svg(width, top + chart + 20, parts, f"Leaks over time in {clip.name}")


def _runs(flags: Sequence[bool]) -> list[tuple[int, int]]:
    """First index, and index after the last, of each run of raised flags."""
    padded = [False, *flags, False]
    edges = [n for n in range(len(flags) + 1) if padded[n] != padded[n + 1]]
    return list(zip(edges[::2], edges[1::2], strict=True))
