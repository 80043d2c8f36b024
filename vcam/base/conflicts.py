"""Settings that are right by themselves and wrong together: names and addresses given twice, ports that collide."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from vcam.base.doors import Place, places

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
    return [*_names(tables), *_addresses(tables), *_ports(data)]


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


def _addresses(cameras: list[tuple[int, Mapping[str, Any]]]) -> Iterator[Conflict]:
    first: dict[str, int] = {}
    for number, camera in cameras:
        address = camera.get("address")
        if isinstance(address, str) and first.setdefault(address, number) != number:
            yield Conflict(
                ("camera", number, "address"),
                f"is the address of camera[{first[address]}] already",
                "Give each camera an address of its own, or none and a port of its own",
            )


def _ports(data: Mapping[str, Any]) -> Iterator[Conflict]:
    taken: dict[int, list[Place]] = {}
    for place in places(data):
        key = place.door.key
        path: tuple[str | int, ...] = ("camera", place.camera, *((key,) if place.own else ()))
        mend = f"Give camera[{place.camera}] an {key} that is free"
        if place.port > _LAST_PORT:
            yield Conflict(path, f"would get {place.port} as its {key}", mend)
            continue
        before = next((each for each in taken.get(place.port, ()) if each.meets(place)), None)
        if before is not None:
            who = f"the {before.door.key} of camera[{before.camera}]"
            yield Conflict(path, f"would listen on port {place.port}, which is {who}", mend)
        taken.setdefault(place.port, []).append(place)
