"""Tells an outcome, line by line."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

from .check import Outcome
from .words import plain, word

VERIFIED, BROKEN, UNKNOWN = 0, 1, 2
_START = datetime(1970, 1, 1, tzinfo=timezone.utc)


def status(outcome: Outcome) -> int:
    """What a command ends with: 0 verified, 1 broken, 2 not authenticated."""
    if outcome.findings:
        return BROKEN
    return VERIFIED if outcome.authenticated else UNKNOWN


def lines(outcome: Outcome, language: str) -> list[str]:
    """What there is to say, the verdict last."""
    said: list[str] = []
    if outcome.manifest is not None:
        said += [
            f"{word(name, language)}: {plain(value)}"
            for name, value in _told(outcome.manifest)
            if value not in ("", None)
        ]
    if outcome.signer is not None:
        said.append("{}: {}".format(word("key", language), outcome.signer.number))
        said.append("{}: {}".format(word("fingerprint", language), outcome.signer.fingerprint))
    verdict = status(outcome)
    if verdict == BROKEN:
        broken = word("broken", language)
        return said + [f"{broken}: {plain(one.about)}: {word(one.code, language)}" for one in outcome.findings]
    said += [f"{plain(name)}: {word('unchecked', language)}" for name in outcome.unchecked]
    said.append(word("verified" if verdict == VERIFIED else "unknown", language))
    return said


def _told(manifest: dict[str, Any]) -> list[tuple[str, Any]]:
    scope = _table(manifest.get("scope"))
    request = _table(manifest.get("request"))
    cameras = scope.get("cameras")
    return [
        ("export", manifest.get("export")),
        ("kind", manifest.get("kind")),
        ("request", request.get("number")),
        ("institution", manifest.get("institution")),
        ("cameras", ", ".join(map(str, cameras)) if isinstance(cameras, list) else ""),
        ("from", _instant(scope.get("from"))),
        ("to", _instant(scope.get("to"))),
        ("created", _instant(manifest.get("created"))),
        ("files", len(manifest["files"])),
    ]


def _table(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _instant(value: Any) -> str:
    if not isinstance(value, int):
        return ""
    try:
        return (_START + timedelta(microseconds=value)).isoformat().replace("+00:00", "Z")
    except OverflowError:
        return str(value)
