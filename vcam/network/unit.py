"""A systemd unit that sets the cameras' addresses up at every start of the host."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

_UNIT = """\
# {folder}/garim-network.service
# Then: systemctl daemon-reload && systemctl enable --now garim-network.service
[Unit]
Description=Addresses of Garim's virtual cameras
Wants=network-online.target
After=network-online.target
Before=garim.service

[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart={program} network plan --apply --config {config}{parent}
ExecStop={program} network remove

[Install]
WantedBy=multi-user.target
"""


def unit(program: Sequence[str], config: Path, parent: str | None) -> str:
    """The unit's text. `program` is the command garim. Paths must be absolute, for systemd knows no other folder."""
    return _UNIT.format(
        folder="/etc/systemd/system",
        program=" ".join(map(_word, program)),
        config=_word(str(config)),
        parent=f" --parent {parent}" if parent else "",
    )


def _word(text: str) -> str:
    """`text` as one word of a command line of systemd."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%").replace("$", "$$")
    return f'"{escaped}"' if any(each in text for each in " \t\"'\\;") else escaped
