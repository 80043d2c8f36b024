"""The figures as plain tables, for the terminal, the docs and the report."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import isinf

from vcam.quality.clip import ClipFigures
from vcam.quality.evaluation import Evaluation
from vcam.quality.judge import MAIN
from vcam.quality.recall import Count, RecallFigures


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of words under headings; `note` says how to read them."""

    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]
    note: str = ""


def tables(evaluation: Evaluation) -> list[Table]:
    """Every table for which there are figures."""
    out = []
    if evaluation.recall:
        out += [overall(evaluation.recall), by_size(evaluation.recall), by_source(evaluation.recall)]
    if evaluation.clips:
        out += [leaks(evaluation), areas(evaluation.clips), by_clip(evaluation)]
    return out


def overall(recall: Sequence[RecallFigures]) -> Table:
    """Recall and area of each set at each scale."""
    rows = [
        (
            one.name,
            f"{one.scale:g}",
            *_count(one.count),
            _percent(one.by_any.share),
            f"{one.area_ratio:.1f}",
            f"{one.any_ratio:.1f}",
        )
        for one in recall
    ]
    note = (
        "A label counts as covered when at least 70 % of it is. Plates count only under masks of plates, faces under"
        " any; 'by any' counts every mask. Areas are those of the masks (own kind, any) for each of the labels."
    )
    columns = ("Set", "Scale", "Covered", "Recall %", "95 % interval", "By any %", "Area", "Area, any")
    return Table("Recall in pictures", columns, rows, note)


def by_size(recall: Sequence[RecallFigures]) -> Table:
    """Recall by label size."""
    rows = [
        (one.name, f"{one.scale:g}", bin_name(low, high), *_count(count))
        for one in recall
        for low, high, count in one.by_size()
    ]
    note = "Sizes are pixels as measured at that scale: a face's height, a plate's width."
    return Table("Recall by size", ("Set", "Scale", "Size", "Covered", "Recall %", "95 % interval"), rows, note)


def by_source(recall: Sequence[RecallFigures]) -> Table:
    """Recall by where the pictures come from, at full size."""
    rows = [
        (one.name, source, *_count(count))
        for one in recall
        if one.scale == 1
        for source, count in one.by_source().items()
    ]
    return Table("Recall by source", ("Set", "Source", "Covered", "Recall %", "95 % interval"), rows)


def leaks(evaluation: Evaluation) -> Table:
    """Leaks over all clips by judge."""
    rows = [
        (
            one.judge + (", independent" if one.independent else ""),
            f"{one.leaked}/{one.seen}",
            f"{one.per_thousand:.1f}",
            str(one.agreed),
            str(one.through),
            str(one.longest_run),
            f"{one.dropped}/{one.tracked}",
        )
        for one in evaluation.totals()
    ]
    note = (
        "Of the boxes that a judge saw: those less than 70 % covered or not changed. 'Agreed' are those of them that"
        " another judge of the same kind sees too. 'Flicker' are boxes that leak between two pictures in which the"
        f" same object is covered. Judged is every picture{_every(evaluation)}. Runs are of judged pictures."
    )
    columns = ("Judge", "Leaked", "In 1000", "Agreed", "Unchanged", "Longest run", "Flicker")
    return Table("Leaks in clips", columns, rows, note)


def areas(clips: Sequence[ClipFigures]) -> Table:
    """Masked area, track starts and cost by clip."""
    rows = [
        (
            clip.name,
            f"{clip.width}x{clip.height}",
            str(clip.pictures),
            str(clip.whole),
            _percent(clip.area),
            _percent(clip.area_most),
            _limit(clip),
            f"{_percent(clip.quiet)} ({clip.quiet_pictures})" if clip.quiet_pictures else "-",
            f"{clip.starts_a_minute:.0f}",
            f"{clip.cpu_ms:.1f}",
        )
        for clip in clips
    ]
    note = (
        f"Areas in % of the picture. The limit of the mean is 8 times the area of the faces {MAIN} sees, plus 8 %."
        " 'Quiet' is the mean over the pictures (their number) in which no judge sees anything. CPU is this process's"
        " user and system time for decoding, detection, tracking and masking; encoding and serving come on top."
    )
    columns = (
        "Clip",
        "Size",
        "Pictures",
        "Whole",
        "Mean",
        "Most",
        "Limit",
        "Quiet",
        "Tracks a minute",
        "CPU ms",
    )
    return Table("Masked area and cost", columns, rows, note)


def by_clip(evaluation: Evaluation) -> Table:
    """Leaked and seen boxes, and the longest run, by clip and judge."""
    names = [judge.name for judge in evaluation.judges]
    rows = []
    for clip in evaluation.clips:
        cells = []
        for name in names:
            one = clip.tallies[name]
            run = f", run {one.longest_run}" if one.leaked else ""
            cells.append(f"{one.leaked}/{one.seen}{run}")
        rows.append((clip.name, *cells))
    return Table("Leaks by clip", ("Clip", *names), rows)


def bin_name(low: float, high: float) -> str:
    """How a bin of sizes is called."""
    return f"{low:g} and up" if isinf(high) else f"{low:g} to {high:g}"


def _count(count: Count) -> tuple[str, str, str]:
    low, high = count.interval
    return f"{count.hits}/{count.total}", _percent(count.share), f"{100 * low:.1f} to {100 * high:.1f}"


def _percent(share: float) -> str:
    return f"{100 * share:.1f}"


def _limit(clip: ClipFigures) -> str:
    if clip.limit is None:
        return "-"
    return _percent(clip.limit) + ("" if clip.within else " exceeded")


def _every(evaluation: Evaluation) -> str:
    return "" if evaluation.every == 1 else f" of {evaluation.every}"
