"""`garim check`: recordings against their index."""

from __future__ import annotations

from typing import Annotated

import typer

from vcam.cli.site import DEFAULT, Config, index, read


def check(
    config: Config = DEFAULT,
    deep: Annotated[bool, typer.Option("--deep", help="Read every file and compare its SHA-256.")] = False,
    no_mend: Annotated[bool, typer.Option("--no-mend", help="Only tell, change nothing.")] = False,
) -> None:
    """Compare recordings with their index, and mend the index. Exit status 1 when something is left to do."""
    settings = read(config)
    from recorder.check import check as compare

    with index(settings) as opened:
        findings = compare(settings.recorder.folder, opened, mend=not no_mend, deep=deep)
    for finding in findings:
        typer.echo(str(finding))
    left = sum(not finding.mended for finding in findings)
    typer.echo(f"{len(findings)} findings, {left} not mended" if findings else "Recordings and index agree")
    if left:
        raise typer.Exit(1)
