"""Settings that are right by themselves and wrong together: names given twice, ports that collide."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

ONVIF_PORT = 8081
RTSP_PORT = 8554
_LAST_PORT = 65535


@dataclass(frozen=True, slots=True)
class Conflict:
    """What is wrong at `path`, and its mend."""

    path: tuple[str | int, ...]
    what: str
    mend: str


def conflicts(data: Mapping[str, Any]) -> list[Conflict]:
    """Every conflict in the settings `data`, as read from TOML. Values of wrong types are passed over."""
    cameras = data.get("camera")
    if not isinstance(cameras, list):
        return []
    tables = [(i, camera) for i, camera in enumerate(cameras) if isinstance(camera, Mapping)]
    return [*_names(tables), *_ports(data.get("onvif"), tables)]


def _names(cameras: list[tuple[int, Mapping[str, Any]]]) -> Iterator[Conflict]:
    first: dict[str, int] = {}
    for number, camera in cameras:
        name = camera.get("name")
        if isinstance(name, str) and first.setdefault(name, number) != number:
            yield Conflict(
                ("camera", number, "name"),
                f"is the name of camera[{first[name]}] already",
                "Give each camera a name of its own",
            )


def _ports(onvif: object, cameras: list[tuple[int, Mapping[str, Any]]]) -> Iterator[Conflict]:
    section: Mapping[str, Any] = onvif if isinstance(onvif, Mapping) else {}
    taken: dict[int, str] = {}
    for key, base_key, default in (("onvif_port", "port", ONVIF_PORT), ("rtsp_port", "rtsp_port", RTSP_PORT)):
        base = section.get(base_key, default)
        for number, camera in cameras:
            own = camera.get(key)
            port = own if own is not None else base + number if _is_port(base) else 0
            if (own is not None and not _is_port(own)) or port == 0:
                continue
            path: tuple[str | int, ...] = ("camera", number, *((key,) if own is not None else ()))
            who = f"the {key} of camera[{number}]"
            mend = f"Give camera[{number}] an {key} that is free"
            if port > _LAST_PORT and own is None:
                yield Conflict(path, f"would get {port} as its {key}", mend)
            elif taken.setdefault(port, who) != who:
                yield Conflict(path, f"would listen on port {port}, which is {taken[port]}", mend)


def _is_port(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 < value <= _LAST_PORT
