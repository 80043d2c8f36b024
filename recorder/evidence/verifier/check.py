"""Compares an export's folder with its manifest, and the manifest with its signature."""

from __future__ import annotations

from typing import Any, NamedTuple

from . import folder, listing, minisign, strict

MANIFEST = "manifest.json"
SIGNATURE = "manifest.json.minisig"
STAMP = "manifest.json.tsr"
"""A time stamp over the signature (RFC 3161, DER), when there is one. It is checked by `garim verify` alone."""
OWN = (MANIFEST, SIGNATURE, STAMP)
"""Files that no manifest lists."""
LARGEST = 1 << 26
"""Bytes of a manifest beyond which it is not read."""


class Finding(NamedTuple):
    """One thing that is wrong: a code of `words`, and what it is about."""

    code: str
    about: str


class Outcome(NamedTuple):
    """`findings` is empty when nothing is wrong.

    `signer` is the key that the signature was checked with, or None. `authenticated` is whether it came from
    elsewhere, and not from the export itself. `comment` is the signature's trusted comment. `unchecked` names what is
    there and was not looked into: the signature does not cover the time stamp.
    """

    findings: list[Finding]
    manifest: dict[str, Any] | None
    signer: minisign.PublicKey | None
    authenticated: bool
    comment: str
    unchecked: tuple[str, ...] = ()


def check(path: str, key: minisign.PublicKey | None) -> Outcome:
    """Check the export in the folder `path` against `key`, or without one against the key that it names itself."""
    try:
        files, others = folder.contents(path)
    except OSError as error:
        return _outcome([Finding("folder", error.strerror or path)])
    findings = [Finding("special", name) for name in others]
    try:
        data = folder.read(path, MANIFEST, LARGEST)
        manifest = strict.parse(data, LARGEST)
        listed = listing.entries(manifest)
        signer = _signer(manifest)
    except OSError:
        return _outcome([*findings, Finding("manifest-absent", MANIFEST)])
    except strict.NotStrict as error:
        return _outcome([*findings, Finding("manifest-" + str(error.args[0]), MANIFEST)])
    except listing.NoManifest as error:
        return _outcome([*findings, Finding("manifest-field", str(error.args[0]))])
    comment, unsigned = _signature(path, data, key or signer)
    findings = unsigned + findings + _files(path, files, listed)
    unchecked = tuple(name for name in files if name == STAMP)
    return Outcome(findings, manifest, key or signer, key is not None, comment, unchecked)


def _outcome(findings: list[Finding]) -> Outcome:
    return Outcome(findings, None, None, False, "")


def _signer(manifest: dict[str, Any]) -> minisign.PublicKey:
    try:
        return minisign.public_key(manifest["signer"]["key"])
    except (KeyError, TypeError, AttributeError, minisign.NotMinisign):
        raise listing.NoManifest("signer.key") from None


def _signature(path: str, data: bytes, key: minisign.PublicKey) -> tuple[str, list[Finding]]:
    """The trusted comment, and what is wrong with the manifest's signature."""
    try:
        signed = minisign.signature(folder.read(path, SIGNATURE, minisign.LONGEST).decode("utf-8"))
    except OSError:
        return "", [Finding("signature-absent", SIGNATURE)]
    except ValueError:
        return "", [Finding("signature-form", SIGNATURE)]
    if signed.id != key.id:
        return "", [Finding("signature-key", signed.id[::-1].hex().upper())]
    if not minisign.signs(key, signed, data):
        return "", [Finding("signature-wrong", MANIFEST)]
    if not minisign.vouches(key, signed):
        return "", [Finding("comment-wrong", SIGNATURE)]
    return signed.comment, []


def _files(path: str, files: list[str], listed: list[listing.Entry]) -> list[Finding]:
    findings: list[Finding] = []
    present = set(files)
    for entry in listed:
        here = [one for one in entry if one is not None and one.name in present]
        if not here:
            findings.append(Finding("file-absent", entry.delivered.name))
        for one in here:
            findings += _file(path, one)
    known = {one.name for entry in listed for one in entry if one is not None}
    findings += [Finding("file-unlisted", name) for name in files if name not in known and name not in OWN]
    return findings


def _file(path: str, one: listing.Listed) -> list[Finding]:
    try:
        size, digest = folder.measure(path, one.name)
    except OSError as error:
        return [Finding("file-unread", f"{one.name} ({error.strerror or type(error).__name__})")]
    if size != one.size:
        return [Finding("file-size", f"{one.name} ({size} != {one.size})")]
    return [] if digest == one.sha256 else [Finding("file-hash", one.name)]
