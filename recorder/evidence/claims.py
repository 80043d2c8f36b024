"""C2PA claims in viewing copies: who made the file, inside the file. Needs the extra `c2pa`.

A claim is signed with a certificate's key, not with the institution's minisign key: it is for programs that show
where a video comes from. What counts for an export is its manifest.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from vcam.base.errors import ConfigError, CustodyError

if TYPE_CHECKING:
    from types import ModuleType

State = Literal["none", "valid", "invalid"]
_CAPTURE = "http://cv.iptc.org/newscodes/digitalsourcetype/digitalCapture"


@dataclass(frozen=True, slots=True)
class Credentials:
    """PEM of an ECDSA P-256 certificate with those that vouch for it, and of its private key."""

    chain: bytes
    key: bytes

    @classmethod
    def read(cls, chain: Path, key: Path) -> Credentials:
        """From files. Raises ConfigError."""
        try:
            return cls(chain.read_bytes(), key.read_bytes())
        except OSError as error:
            raise ConfigError(
                f"{error.filename} cannot be read ({error.strerror})",
                mend="Let custody.c2pa_chain and custody.c2pa_key name PEM files",
            ) from error


def claim(source: Path, out: Path, credentials: Credentials, *, title: str, version: str) -> None:
    """Write the MP4 `source` to the new file `out` with a claim that Garim made it. Nothing reaches for the network.

    Raises CustodyError when the credentials are of no use, ConfigError without the extra.
    """
    c2pa = _library()
    actions = [{"action": "c2pa.created", "digitalSourceType": _CAPTURE}, {"action": "c2pa.edited"}]
    definition = {
        "claim_generator_info": [{"name": "garim", "version": version}],
        "title": title,
        "format": "video/mp4",
        "assertions": [{"label": "c2pa.actions", "data": {"actions": actions}}],
    }
    try:
        signer = c2pa.Signer.from_info(c2pa.C2paSignerInfo(b"es256", credentials.chain, credentials.key, None))
        with signer, c2pa.Builder(definition) as builder:
            builder.sign_file(str(source), str(out), signer)
    except c2pa.C2paError as error:
        out.unlink(missing_ok=True)
        raise CustodyError(
            f"A C2PA claim cannot be made ({str(error).partition(':')[0]})",
            mend="Give a certificate for ECDSA P-256 that may sign documents, and its key",
        ) from error


def state(path: Path) -> State:
    """Whether the file carries a claim, and whether the claim fits the file. Whom the claim names is not judged.

    Raises ConfigError without the extra.
    """
    c2pa = _library()
    try:
        with c2pa.Reader(str(path)) as reader:
            return "invalid" if reader.get_validation_state() == "Invalid" else "valid"
    except c2pa.C2paError as error:
        return "none" if str(error).startswith("ManifestNotFound") else "invalid"


def _library() -> ModuleType:
    try:
        import c2pa
    except ImportError:
        raise ConfigError(
            "C2PA claims need the package c2pa-python", mend="Install it: pip install 'garim[c2pa]'"
        ) from None
    library: ModuleType = c2pa
    return library
