"""Tests of the npm package onvif that the interop site's camera need not pass: each by its title, with the reason."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Excuse:
    """`operation` is what the `tests` try; their full titles begin with `suite`."""

    suite: str
    operation: str
    why: str
    tests: tuple[str, ...]

    @property
    def titles(self) -> tuple[str, ...]:
        return tuple(f"{self.suite} {test}" for test in self.tests)


_NO_PTZ = "the camera is a file and cannot be aimed: there is no PTZ service"
_NO_SOUND = "no sound is served: there are no operations on it"
_NO_IMAGING = "the camera is a file: there is nothing to set"
_NO_IMAGING_PRESETS = "the camera is a file: there are no imaging presets"

_PTZ = (
    Excuse(
        "Common functions", "connect", _NO_PTZ, ("connect should connect to the cam, fill startup properties",)
    ),
    Excuse(
        "Common functions",
        "GetCapabilities",
        _NO_PTZ,
        (
            "getCapabilities should return a capabilities object with correspondent properties and also set them "
            "into #capability property",
            "getCapabilities should store PTZ link in ptzUri property",
        ),
    ),
    Excuse(
        "Common functions",
        "GetNodes",
        _NO_PTZ,
        ("getNodes should return object of nodes and sets them to #nodes",),
    ),
    Excuse(
        "Common functions",
        "GetConfigurations",
        _NO_PTZ,
        ("getConfigurations should return object of configurations and sets them to #configurations",),
    ),
    Excuse(
        "Common functions",
        "GetConfigurationOptions",
        _NO_PTZ,
        ("getConfigurationOptions should return an options object for every configuation token",),
    ),
    Excuse(
        "PTZ",
        "GetPresets",
        _NO_PTZ,
        (
            "getPresets should return array of preset objects and sets them to #presets",
            "getPresets should return array of preset objects and sets them to #presets without options",
        ),
    ),
    Excuse(
        "PTZ",
        "GotoPreset",
        _NO_PTZ,
        ("gotoPreset should just run", "gotoPreset should run with speed definition"),
    ),
    Excuse(
        "PTZ",
        "SetPreset",
        _NO_PTZ,
        ("setPreset should run with preset name (new)", "setPreset should run with preset token (update)"),
    ),
    Excuse("PTZ", "RemovePreset", _NO_PTZ, ("removePreset should just run",)),
    Excuse("PTZ", "GotoHomePosition", _NO_PTZ, ("gotoHomePosition should just run",)),
    Excuse("PTZ", "SetHomePosition", _NO_PTZ, ("setHomePosition should just run",)),
    Excuse("PTZ", "AbsoluteMove", _NO_PTZ, ("absolute move should returns empty RelativeResponseObject",)),
    Excuse("PTZ", "RelativeMove", _NO_PTZ, ("relative move should returns empty RelativeResponseObject",)),
    Excuse(
        "PTZ",
        "ContinuousMove",
        _NO_PTZ,
        (
            "continuous move should returns empty ContinuousResponseObject",
            "continuous move should set ommited pan-tilt parameters to zero",
        ),
    ),
    Excuse(
        "PTZ",
        "Stop",
        _NO_PTZ,
        (
            "stop should stop all movements when options are ommited",
            "stop should stop only zoom movement",
            "stop should stop only pan-tilt movement",
            "stop should stop all movements",
        ),
    ),
    Excuse("PTZ", "GetStatus", _NO_PTZ, ("getStatus should returns position status",)),
)
_SOUND = (
    Excuse("Media", "GetAudioSources", _NO_SOUND, ("getAudioSources should return audio sources",)),
    Excuse(
        "Media",
        "GetAudioEncoderConfigurations",
        _NO_SOUND,
        ("getAudioEncoderConfigurations should return audio encoder configurations",),
    ),
    Excuse(
        "Media",
        "GetAudioEncoderConfigurationOptions",
        _NO_SOUND,
        (
            "getAudioEncoderConfigurationOptions should return a configuration options for the first token in "
            "#audioEncoderConfigurations array",
            "getAudioEncoderConfigurationOptions should return a configuration options for the named token as a "
            "first argument",
        ),
    ),
    Excuse(
        "Media",
        "SetAudioEncoderConfiguration",
        _NO_SOUND,
        (
            "setAudioEncoderConfiguration should accept setting existing configuration and return the same "
            "configuration by the getAudioEncoderConfiguration method",
            "setAudioEncoderConfiguration should accept setting some new audio configuration based on the existing",
        ),
    ),
    Excuse(
        "Media",
        "GetAudioEncoderConfiguration",
        _NO_SOUND,
        (
            "getAudioEncoderConfiguration should return a configuration for the first token in "
            "#videoEncoderConfigurations array",
            "getAudioEncoderConfiguration should return a configuration for the named token as a first argument",
        ),
    ),
)
_IMAGING = (
    Excuse(
        "Imaging",
        "GetImagingSettings",
        _NO_IMAGING,
        (
            "should request imaging settings with options object",
            "should do the same without options object",
        ),
    ),
    Excuse("Imaging", "SetImagingSettings", _NO_IMAGING, ("should set imaging configuration",)),
    Excuse(
        "Imaging",
        "GetCurrentPreset",
        _NO_IMAGING_PRESETS,
        (
            "should get current preset when no video source token present",
            "should get current preset with video source token",
        ),
    ),
    Excuse(
        "Imaging",
        "SetCurrentPreset",
        _NO_IMAGING_PRESETS,
        ("should set current preset with video source and imaging preset tokens",),
    ),
)
_OTHER = (
    Excuse(
        "Common functions",
        "SetSystemDateAndTime",
        "its time zone 'MSK' is none of IEEE 1003.1, for which ONVIF names the fault InvalidTimeZone",
        ("setSystemDateAndTime should set system date and time",),
    ),
    Excuse(
        "Events",
        "PullMessages",
        "it expects a pull for 30 s to have ended within one, though no event has come",
        ("should stop pulling when nobody is listen to `event` event",),
    ),
)
EXCUSES = (*_PTZ, *_SOUND, *_IMAGING, *_OTHER)
BY_TITLE: Mapping[str, Excuse] = {title: excuse for excuse in EXCUSES for title in excuse.titles}
