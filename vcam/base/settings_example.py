"""Writes `config.example.toml` off the model: every section and key, what it means, its default."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from pathlib import Path

from vcam.base.schema import Setting, section_at, settings, written
from vcam.base.settings import Rule, Secret, Zone

_HEAD = """\
# The settings of one site. Check them with: garim config check FILE
#
# A line that starts with '#' directly before a key shows that key's default, or an example where there is none;
# take the '#' away to change it. Relative paths are taken from this file's folder. Passwords never stand here:
# give the file or the environment variable that holds them.
"""

_WIDTH = 112

_CORNERS = [[0.1, 0.2], [0.3, 0.2], [0.3, 0.5]]

_REQUIRED: dict[str, object] = {
    "camera.name": "entrance",
    "camera.source.url": "rtsp://192.0.2.10/stream1",
    "camera.mask.always.name": "screen behind the desk",
    "camera.mask.always.points": _CORNERS,
    "camera.mask.never.name": "poster by the lift",
    "camera.mask.never.points": _CORNERS,
    "camera.mask.rule.name": "nights",
    "camera.mask.rule.hours": "22:00-06:00",
    "camera.mask.rule.always.name": "staff door",
    "camera.mask.rule.always.points": _CORNERS,
    "camera.mask.rule.never.name": "advertising screen",
    "camera.mask.rule.never.points": _CORNERS,
}
"""Plausible values of the keys that have no default."""

_EXAMPLES: dict[str, object] = {
    "camera.source.user": "admin",
    "camera.source.password": Secret(file=Path("entrance.password")),
    "camera.mask.timezone": "Asia/Seoul",
    "camera.mask.rule.kinds": ["face", "plate", "person"],
    "camera.address": "192.0.2.21",
    "camera.retention_days": 14.0,
    "camera.masked_retention_days": 90.0,
    "camera.onvif_port": 8081,
    "camera.rtsp_port": 8554,
    "camera.https_port": 8443,
    "camera.rtsps_port": 8322,
    "custody.heads": Path("/mnt/office/garim-heads"),
    "onvif.host": "192.0.2.5",
    "onvif.tls.certificate": Path("camera.crt"),
    "onvif.tls.key": Path("camera.key"),
    "onvif.discovery_interface": "192.0.2.5",
    "recorder.recipients": ["age1..."],
    "recorder.masked_retention_days": 90.0,
    "recorder.index": "postgresql+psycopg://garim@127.0.0.1/garim",
    "recorder.index_password": Secret(file=Path("index.password")),
    "console.certificate": Path("console.crt"),
    "console.key": Path("console.key"),
    "console.url": "https://cctv.example",
}
"""Examples of keys whose default is that there is none."""

_OPTIONAL = {Rule, Zone}
"""Tables that stand in the example behind a '#'."""

_NO_RECIPIENT = """\
# Nobody could open originals yet, so this example does not keep them: make custodians with 'garim custodian create'
# (or a key with 'garim keys new' on another machine for 'recipients'), and remove the line 'keep_original = false'.
"""


def example(recipient: str | None = None) -> str:
    """A settings file that loads as it stands, in TOML.

    Without a `recipient` it keeps no originals, for nobody could ever read them.
    """
    lines = [_HEAD.rstrip()]
    for setting in settings():
        if setting.section is None:
            lines += _key(setting, recipient)
        else:
            lines += _header(setting)
            if setting.name == "recorder" and recipient is None:
                lines.append(_NO_RECIPIENT.rstrip())
    return "\n".join(lines) + "\n"


def _comment(text: str) -> str:
    return textwrap.fill(" ".join(text.split()), _WIDTH, initial_indent="# ", subsequent_indent="# ")


def _header(setting: Setting) -> list[str]:
    title = f"[[{setting.name}]]" if setting.many else f"[{setting.name}]"
    return ["", _comment(setting.doc), f"#{title}" if setting.section in _OPTIONAL else title]


def _key(setting: Setting, recipient: str | None) -> list[str]:
    takes = "" if setting.takes in setting.doc else f" ({setting.takes})"
    return [_comment(f"{setting.doc}{takes}"), _line(setting, recipient)]


def _line(setting: Setting, recipient: str | None) -> str:
    key = setting.path[-1]
    if setting.name == "recorder.recipients" and recipient is not None:
        return f"{key} = {written([recipient])}"
    if setting.name == "recorder.keep_original" and recipient is None:
        return f"{key} = false"
    if setting.required:
        mark = "#" if section_at(setting.path[:-1]) in _OPTIONAL else ""
        return f"{mark}{key} = {written(_REQUIRED[setting.name])}"
    return f"#{key} = {written(_EXAMPLES.get(setting.name, setting.default))}"


def reference() -> str:
    """Every setting as a Markdown table for each section: the body of `docs/settings.md`."""
    return "\n".join(_reference()) + "\n"


def _reference() -> Iterator[str]:
    for setting in settings():
        if setting.section is None:
            default = _default(setting)
            yield f"| `{setting.path[-1]}` | {_cell(setting.takes)} | {default} | {_cell(setting.doc)} |"
        else:
            title = f"[[{setting.name}]]" if setting.many else f"[{setting.name}]"
            yield f"\n## `{title}`\n\n{setting.doc}\n\n| Key | Takes | Default | Meaning |\n|---|---|---|---|"


def _default(setting: Setting) -> str:
    if setting.required:
        return "required"
    return "none" if setting.default is None else f"`{_cell(written(setting.default))}`"


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")
