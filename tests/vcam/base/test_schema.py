"""Every setting is described, and the description follows the model."""

from __future__ import annotations

import re

import pytest

from vcam.base.schema import Setting, section_at, setting_at, settings, written
from vcam.base.settings import CameraSettings, MaskSettings, Secret, SourceSettings, Zone


@pytest.mark.parametrize("setting", list(settings()), ids=lambda setting: setting.name)
def test_every_setting_is_documented(setting: Setting) -> None:
    assert re.search(r"\w{2,}", setting.doc), f"{setting.name} has no docstring"
    assert setting.doc.rstrip().endswith(".")


@pytest.mark.parametrize(
    ("name", "takes"),
    [
        ("onvif.port", "whole number from 0 to 65535"),
        ("camera.source.timeout", "number from 0.5 to 60"),
        ("camera.source.transport", 'one of "tcp", "udp"'),
        ("camera.source.password", '{ file = "PATH" } or { env = "NAME" }'),
        ("recorder.retention_days", "number above 0 to 3650"),
        ("site.state", "path"),
        ("recorder.enabled", "true or false"),
        ("camera.mask.always.points", "list of [number from 0 to 1, number from 0 to 1], at least 3"),
    ],
)
def test_what_a_key_takes(name: str, takes: str) -> None:
    setting = setting_at(tuple(name.split(".")))
    assert setting is not None
    assert setting.takes == takes


def test_plain_keys_come_before_tables() -> None:
    names = [setting.name for setting in settings()]
    assert names.index("camera.onvif_port") < names.index("camera.source")


def test_sections_by_path() -> None:
    assert section_at(("camera", 3)) is CameraSettings
    assert section_at(("camera", 3, "source")) is SourceSettings
    assert section_at(("camera", 0, "source", "password")) is Secret
    assert section_at(("camera", 0, "mask", "always", 1)) is Zone
    assert section_at(("camera", 0, "name")) is None
    assert setting_at(("camera", 0, "nothing")) is None


def test_values_as_toml_writes_them() -> None:
    assert written([True, 4_000_000, 60, 0.5, 'a "b"']) == '[true, 4_000_000, 60, 0.5, "a \\"b\\""]'
    assert written(MaskSettings().delay) == "1.0"
