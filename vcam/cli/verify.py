"""`garim verify`: an export against its signed manifest. `verify.pyz` does the same without Garim."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from vcam.base.errors import ConfigError, CustodyError
from vcam.cli.instants import iso

if TYPE_CHECKING:
    from recorder.evidence.verifier.check import Outcome


def verify(
    folder: Annotated[Path | None, typer.Argument(metavar="DIR", help="The export's folder.")] = None,
    key: Annotated[
        str | None, typer.Option(help="The institution's public key (minisign): its file, or the key itself.")
    ] = None,
    lang: Annotated[
        Literal["en", "ko"] | None, typer.Option("--lang", help="Language; else the environment's.")
    ] = None,
    tsa_root: Annotated[
        Path | None, typer.Option(metavar="PEM", help="Root certificate of the time stamp's authority.")
    ] = None,
    write_pyz: Annotated[
        Path | None, typer.Option("--write-pyz", metavar="PATH", help="Write the verifier as one file.")
    ] = None,
) -> None:
    """Check an export offline, its time stamp too when there is one and its authority's root is given.

    The status is 0 when every file is as the holder of the given key signed it, 1 when anything is wrong, 2 without a
    key, 64 when the key cannot be read.
    """
    from recorder.evidence.bundle import write_verifier
    from recorder.evidence.verifier import cli, report
    from recorder.evidence.verifier.check import check
    from recorder.evidence.verifier.words import word

    if write_pyz is not None:
        write_verifier(write_pyz)
        typer.echo(str(write_pyz))
    if folder is None:
        if write_pyz is None:
            raise ConfigError("No export is named", mend="Name its folder: garim verify DIR")
        return
    language = lang or cli.language()
    try:
        public = None if key is None else cli.read_key(key)
    except cli.KeyUnread:
        typer.echo(f"{word('key-unread', language)}: {key}", err=True)
        raise typer.Exit(cli.MISUSED) from None
    outcome = check(str(folder), public)
    if tsa_root is not None and not outcome.findings:
        outcome = _stamped(folder, outcome, tsa_root, language)
    if not outcome.findings:
        outcome = _claimed(folder, outcome, language)
    for line in report.lines(outcome, language):
        typer.echo(line)
    raise typer.Exit(report.status(outcome))


def _stamped(folder: Path, outcome: Outcome, root: Path, language: str) -> Outcome:
    """`outcome` with what there is to say of the time stamp; its time is printed when it fits."""
    from recorder.evidence import stamp
    from recorder.evidence.verifier.check import SIGNATURE, STAMP, Finding
    from recorder.evidence.verifier.words import word

    roots = stamp.read_roots(root)
    try:
        when = stamp.check((folder / STAMP).read_bytes(), (folder / SIGNATURE).read_bytes(), roots)
    except FileNotFoundError:
        return outcome._replace(findings=[Finding("stamp-absent", STAMP)])
    except CustodyError as error:
        return outcome._replace(findings=[Finding("stamp-wrong", f"{STAMP} ({error.what})")])
    typer.echo(f"{word('stamp', language)}: {iso(when)}")
    return outcome._replace(unchecked=())


def _claimed(folder: Path, outcome: Outcome, language: str) -> Outcome:
    """`outcome` with what there is to say of C2PA claims in its videos, where the extra is installed."""
    from importlib.util import find_spec

    from recorder.evidence import claims
    from recorder.evidence.verifier.check import Finding
    from recorder.evidence.verifier.words import word

    if find_spec("c2pa") is None:
        return outcome
    findings = []
    for path in sorted(folder.rglob("*.mp4")):
        state = claims.state(path)
        if state == "invalid":
            findings.append(Finding("c2pa-wrong", path.relative_to(folder).as_posix()))
        elif state == "valid":
            typer.echo(f"{word('c2pa', language)}: {path.relative_to(folder).as_posix()}")
    return outcome._replace(findings=findings)
