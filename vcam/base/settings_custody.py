"""Settings of custody: who may see originals, and what is kept about it."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field

from vcam.base.settings_section import Section


class CustodySettings(Section):
    """Originals, requests for them, and the record about both."""

    threshold: int = Field(default=2, ge=2, le=16)
    """Custodians who must answer before an original opens."""
    exports: Path = Path("exports")
    """Folder for what is made for receivers."""
    runtime: Path = Path("/dev/shm/garim")  # noqa: S108 - memory, not a disk: gone when the power is
    """Folder for one-time keys and for plaintext on its way into an export. It must lie in memory, not on a disk."""
    runtime_on_disk: bool = False
    """Let custody.runtime lie on a disk all the same, where one-time keys leave traces."""
    heads: Path | None = None
    """Second place for the signed heads of the audit log: a folder on another disk or host."""
    c2pa_chain: Path | None = None
    """PEM file of an ECDSA P-256 certificate, and those that vouch for it, to sign C2PA claims in viewing copies."""
    c2pa_key: Path | None = None
    """PEM file of that certificate's private key."""
    institution: str = Field(default="", max_length=100)
    """Name of the institution on forms and exports; site.name when empty."""
    officer: str = Field(default="", max_length=100)
    """The person or post in charge of personal video, for forms and the notice board."""
    contact: str = Field(default="", max_length=200)
    """Where to ask for access: address, telephone."""
