"""The figures as JSON for programs. Numbers and names of files only, no pictures."""

from __future__ import annotations

from dataclasses import asdict
from math import isinf
from typing import Any

from vcam.quality.clip import ClipFigures
from vcam.quality.evaluation import Evaluation
from vcam.quality.recall import Count, RecallFigures


def record(evaluation: Evaluation) -> dict[str, Any]:
    """Every figure, ready for JSON. Areas are shares of the picture, times seconds, sizes pixels."""
    return {
        "every": evaluation.every,
        "recall": [_recall(one) for one in evaluation.recall],
        "leaks": {one.judge: asdict(one) | {"per_thousand": one.per_thousand} for one in evaluation.totals()},
        "clips": {clip.name: _clip(clip) for clip in evaluation.clips},
    }


def _recall(one: RecallFigures) -> dict[str, Any]:
    sizes = [
        {"from": low, "to": None if isinf(high) else high, **_count(count)}
        for low, high, count in one.by_size()
    ]
    return {
        "set": one.name,
        "kind": one.kind,
        "scale": one.scale,
        "pictures": one.pictures,
        **_count(one.count),
        "by_any_mask": _count(one.by_any),
        "area_ratio": one.area_ratio,
        "any_area_ratio": one.any_ratio,
        "by_size": sizes,
        "by_source": {name: _count(count) for name, count in one.by_source().items()},
        "missed": [
            {"picture": miss.picture, "box": miss.label.box, "size": miss.size, "covered": miss.own}
            for miss in one.outcomes
            if not miss.hit
        ],
    }


def _count(count: Count) -> dict[str, Any]:
    return {"hits": count.hits, "labels": count.total, "share": count.share, "interval": count.interval}


def _clip(clip: ClipFigures) -> dict[str, Any]:
    plain = asdict(clip)
    moments = plain.pop("moments")
    leaks = plain.pop("leaks")
    judges = {
        name: tallied | {"leaks": leaks[name], "per_thousand": clip.tallies[name].per_thousand}
        for name, tallied in plain.pop("tallies").items()
    }
    return plain | {
        "within": clip.within,
        "starts_a_minute": clip.starts_a_minute,
        "judges": judges,
        "areas": [round(moment["area"], 5) for moment in moments],
    }
