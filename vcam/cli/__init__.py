"""The command line: `garim`. Each command lives in a file of its own and imports what it needs when it runs."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib.metadata import version
from typing import Annotated

import typer

from vcam.base.errors import ConfigError, GarimError
from vcam.cli import (
    audit,
    check,
    config,
    custodian,
    demo,
    detect,
    discover,
    eval,
    export,
    exports,
    footage,
    hold,
    keys,
    ledger,
    mask,
    models,
    network,
    person,
    purge,
    release,
    request,
    retention,
    review,
    run,
    share,
    trace,
    tracks,
    verify,
)

app = typer.Typer(
    name="garim",
    help="Virtual ONVIF cameras with faces and plates masked, and the originals under lock.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

app.command("run")(run.run)
app.command("demo")(demo.demo)
app.command("discover")(discover.discover)
app.command("mask")(mask.mask)
app.command("tracks")(tracks.tracks)
app.command("detect")(detect.detect)
app.command("eval")(eval.evaluate)
app.command("export")(export.export)
app.command("verify")(verify.verify)
app.command("trace")(trace.trace)
app.command("check")(check.check)
app.command("purge")(purge.purge)
app.command("ledger")(ledger.ledger)
app.add_typer(hold.app, name="hold")
app.add_typer(retention.app, name="retention")
app.add_typer(audit.app, name="audit")
app.add_typer(config.app, name="config")
app.add_typer(keys.app, name="keys")
app.add_typer(models.app, name="models")
app.add_typer(footage.app, name="footage")
app.add_typer(review.app, name="review")
app.add_typer(exports.app, name="exports")
app.add_typer(share.app, name="share")
app.add_typer(network.app, name="network")
app.add_typer(person.app, name="person")
app.add_typer(request.app, name="request")
app.add_typer(custodian.app, name="custodian")
app.add_typer(release.app, name="release")

_WRONG_SETTINGS = 2
_FAILED = 1


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"garim {version('garim')}")
        raise typer.Exit


@app.callback()
def _garim(
    show: Annotated[
        bool, typer.Option("--version", help="Print the version and exit.", callback=_version, is_eager=True)
    ] = False,
) -> None:
    del show


def main(arguments: Sequence[str] | None = None) -> int:
    """Run `garim`; the exit status: 0 done, 1 failed, 2 wrong settings or usage, 130 stopped by Ctrl-C."""
    try:
        typer.main.get_command(app).main(args=arguments, prog_name="garim")
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else _FAILED if end.code else 0
    except GarimError as error:
        _say(error.what, error.mend)
        return _WRONG_SETTINGS if isinstance(error, ConfigError) else _FAILED
    except OSError as error:
        _say(
            f"{error.filename or 'A file or connection'}: {error.strerror or type(error).__name__}",
            "Check the path, the rights and the disk's room",
        )
        return _FAILED
    return 0


def _say(what: str, mend: str) -> None:
    sys.stderr.write(f"garim: {what}\n" + (f"  {mend}.\n" if mend else ""))
