"""`garim check`: recordings, their index, their keys, the log and exports against each other."""

from __future__ import annotations

from typing import Annotated

import typer

from vcam.cli.site import DEFAULT, Config, index, read, shares


def check(
    config: Config = DEFAULT,
    deep: Annotated[bool, typer.Option("--deep", help="Read every file and compare its SHA-256.")] = False,
    no_mend: Annotated[bool, typer.Option("--no-mend", help="Only tell, and mend nothing.")] = False,
) -> None:
    """Compare recordings, index, keys, log and exports, and mend what can be. Exit status 1 if something is left."""
    settings = read(config)
    from recorder.check import check as compare
    from recorder.evidence.register import Exports
    from recorder.findings import Findings
    from vcam.app import signing_key
    from vcam.export.audit import audit

    key = signing_key(settings).public
    with index(settings) as opened, shares(settings) as store:
        findings = compare(settings.recorder.folder, opened, mend=not no_mend, deep=deep, key=key, shares=store)
        exports = Findings()
        audit(settings.custody.exports, Exports(opened.database), exports)
        findings = [*findings, *exports.all]
    for finding in findings:
        typer.echo(str(finding))
    left = sum(not finding.mended for finding in findings)
    typer.echo(f"{len(findings)} findings, {left} not mended" if findings else "Recordings and index agree")
    if left:
        raise typer.Exit(1)
