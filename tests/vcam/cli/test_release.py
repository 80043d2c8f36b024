"""`garim custodian` and `garim release`: from the first custodian to an answered release, at the command line."""

from __future__ import annotations

from pathlib import Path

import pytest

from recorder.audit.entry import Action
from recorder.audit.log import Wanted, entries
from recorder.database import Database
from recorder.descriptor import SegmentDescriptor
from recorder.epochs import Epochs
from recorder.index import Index
from recorder.raw import RawWriter
from recorder.release.document import Ask, Case, fingerprint
from recorder.release.opening import open_release
from recorder.release.runtime import Runtime
from recorder.requests.book import Requests
from recorder.requests.people import People
from recorder.requests.role import Role
from recorder.requests.rules import Rules
from recorder.scope import Scope
from recorder.shares.store import FILE, ShareStore
from recorder.signing import SigningKey
from recorder.vault.keys import Identity
from tests.recorder.support import START, encode
from vcam.app import index_url
from vcam.base.clock import ManualClock, SystemClock
from vcam.base.errors import CustodyError
from vcam.base.media import AccessUnit, StreamInfo
from vcam.base.settings import Settings
from vcam.base.settings_file import load
from vcam.cli import main

Capture = pytest.CaptureFixture[str]
PASSWORD = "correct horse battery staple"
PEOPLE = {
    "administrator-1": Role.ADMINISTRATOR,
    "officer-1": Role.OFFICER,
    "approver-1": Role.APPROVER,
    **{f"custodian-{n}": Role.CUSTODIAN for n in (1, 2, 3)},
}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "garim.toml"
    path.write_text(
        '[site]\ntimezone = "UTC"\n[custody]\nruntime = "run"\nruntime_on_disk = true\n'
        '[[camera]]\nname = "gate"\nsource = { url = "rtsp://192.0.2.7/" }\n[recorder]\n',
        encoding="utf-8",
    )
    (tmp_path / "password").write_text(PASSWORD + "\n", encoding="utf-8")
    monkeypatch.setenv("GARIM_PASSWORD_FILE", str(tmp_path / "password"))
    monkeypatch.setenv("GARIM_CONFIG", str(path))
    database = Database(index_url(load(path)))
    people = People(database, SystemClock())
    for name, role in PEOPLE.items():
        people.add(name, name, {role}, PASSWORD, by="administrator-1")
    database.close()
    return tmp_path


def garim(line: str, *more: object) -> int:
    return main([*line.split(), *map(str, more)])


def custodians(folder: Path, capsys: Capture) -> None:
    """A file, paper, and a key made elsewhere."""
    assert garim("custodian create custodian-1 --as administrator-1 --file", folder / "one.key") == 0
    capsys.readouterr()
    assert garim("custodian create custodian-2 --as administrator-1 --paper") == 0
    (folder / "two.words").write_text(capsys.readouterr().out.splitlines()[1])
    other = Identity.generate()
    (folder / "three.key").write_text(other.secret() + "\n")
    assert garim(f"custodian create custodian-3 --as administrator-1 --recipient {other.recipient}") == 0
    assert "3 custodians; 2 open an original together" in capsys.readouterr().err


def record(settings: Settings, info: StreamInfo, units: list[AccessUnit]) -> list[AccessUnit]:
    """Keep what the camera sends from `START` on as an original of the custodians."""
    found: list[SegmentDescriptor] = []
    clock = ManualClock(START)
    index = Index.open(index_url(settings))
    epochs = Epochs(settings.site.state / FILE, "gate", 2, [], clock)
    writer = RawWriter(settings.recorder.folder, "gate", [], 60, found.append, clock, epochs=epochs)
    writer.stream(info)
    for unit in units:
        writer.raw(unit)
    writer.close()
    for descriptor in found:
        index.add(descriptor)
    index.close()
    return units


def approved(folder: Path, capsys: Capture) -> str:
    letter = folder / "letter.pdf"
    letter.write_bytes(b"abc")
    draft = "request draft --as officer-1 --basis warrant --purpose theft --body police --camera gate"
    assert garim(f"{draft} --from 2025-06-15T15:06:40+00:00 --to 2025-06-15T15:06:41+00:00") == 0
    number = capsys.readouterr().out.split()[0]
    assert garim(f"request attach {number} {letter} --as officer-1") == 0
    assert garim(f"request submit {number} --as officer-1") == 0
    assert garim(f"release ask {number} --as officer-1 --out", folder / "asks") == 1
    assert "is submitted" in capsys.readouterr().err
    assert garim(f"request approve {number} --as approver-1") == 0
    return number


def test_from_custodians_to_an_opened_release(folder: Path, capsys: Capture) -> None:
    custodians(folder, capsys)
    settings = load(folder / "garim.toml")
    sent = record(settings, *encode(50))
    assert garim("custodian list") == 0
    assert "custodian-2\tyes\t2\t" in capsys.readouterr().out
    number = approved(folder, capsys)
    capsys.readouterr()
    assert garim("release key") == 0
    key, printed = capsys.readouterr().out.splitlines()
    assert garim(f"release ask {number} --as officer-1 --out", folder / "asks") == 0
    release = capsys.readouterr().err.partition(":")[0]
    for name, identity in (("custodian-1", "one.key"), ("custodian-2", "two.words")):
        file = folder / "asks" / f"{release}-{name}.ask.json"
        line = ("--identity", folder / identity, "--out", folder / name, "--yes", "--institution", key)
        assert garim("release answer", file, *line) == 0
        said = capsys.readouterr().out
        assert all(word in said for word in (number, "warrant", "theft", "gate", printed, "as given"))
        assert garim("release accept --as officer-1", folder / name) == 0
    assert f"{release}: 2 custodians have answered" in capsys.readouterr().out
    assert garim("release status") == 0
    assert "custodian-1, custodian-2\tyes" in capsys.readouterr().out
    store = ShareStore.open(settings.site.state / FILE)
    database, index = Database(index_url(settings)), Index.open(index_url(settings))
    book = Requests(database, SystemClock(), Rules.of(settings))
    opened = open_release(
        release,
        by="officer-1",
        database=database,
        index=index,
        store=store,
        runtime=Runtime(folder / "run", on_disk=True),
        folder=settings.recorder.folder,
        clock=SystemClock(),
        book=book,
    )
    assert list(opened.units("gate")) == sent[:30]
    with database.read() as connection:
        told = list(entries(connection, Wanted(actions=[Action.RELEASED])))
    assert [each.entry.details["release"] for each in told] == [release]  # one opening, one entry
    assert told[0].entry.details["custodians"] == ["custodian-1", "custodian-2"]
    # Who was let go since his answer counts no more.
    People(database, SystemClock()).revoke("custodian-2", by="administrator-1")
    with pytest.raises(CustodyError, match="1 of 2"):
        open_release(
            release,
            by="officer-1",
            database=database,
            index=index,
            store=store,
            runtime=Runtime(folder / "run", on_disk=True),
            folder=settings.recorder.folder,
            clock=SystemClock(),
            book=book,
        )
    for each in (opened, store, database, index):
        each.close()
    assert garim(f"release cancel {release} --as officer-1 --why exported") == 0
    capsys.readouterr()
    assert garim("release status") == 0
    assert release not in capsys.readouterr().out


def test_an_altered_ask_is_not_answered(folder: Path, capsys: Capture) -> None:
    custodians(folder, capsys)
    record(load(folder / "garim.toml"), *encode(50))
    number = approved(folder, capsys)
    assert garim(f"release ask {number} --as officer-1 --out", folder / "asks") == 0
    (file,) = (folder / "asks").glob("*custodian-1*")
    file.write_bytes(file.read_bytes().replace(b"theft", b"taxes"))
    line = ("--identity", folder / "one.key", "--out", folder / "answer", "--yes")
    assert garim("release answer", file, *line) == 1
    assert "was altered" in capsys.readouterr().err
    assert not (folder / "answer").exists()


def test_an_ask_cannot_write_over_what_the_custodian_is_shown(tmp_path: Path, capsys: Capture) -> None:
    institution, forger = SigningKey.generate().public.raw, SigningKey.generate()
    purpose = f"theft\nSigned by:   {fingerprint(institution)} (as given)\x1b[8m\x9b8m"
    recipient = Identity.generate().recipient
    scope = Scope(("gate",), START, START + 1)
    case = Case(
        release="r",
        request="2026-0001",
        basis="warrant",
        purpose=purpose,
        scope=scope,
        recipient=recipient,
        created=START,
        expires=START + 1,
    )
    file = tmp_path / "ask"
    file.write_bytes(Ask(case, "custodian-1", {}).dump(forger))
    (tmp_path / "key").write_text(Identity.generate().secret() + "\n")
    assert garim("release answer --yes", file, "-i", tmp_path / "key", "-o", tmp_path / "answer") == 1
    said = capsys.readouterr().out
    signed = [line for line in said.splitlines() if line.startswith("Signed by:")]
    assert len(signed) == 1
    assert fingerprint(forger.public.raw) in signed[0]
    assert all(each.isprintable() for each in said.splitlines())


def test_rotation_and_revocation(folder: Path, capsys: Capture) -> None:
    custodians(folder, capsys)
    record(load(folder / "garim.toml"), *encode(50))
    assert garim("custodian rotate --as administrator-1 --out", folder / "asks") == 0
    rotation = capsys.readouterr().err.partition(":")[0]
    for name, identity in (("custodian-1", "one.key"), ("custodian-3", "three.key")):
        file = folder / "asks" / f"{rotation}-{name}.ask.json"
        line = ("--identity", folder / identity, "--out", folder / name, "--yes")
        assert garim("release answer", file, *line) == 0
        assert garim("release accept --as administrator-1", folder / name) == 0
    new = Identity.generate().recipient
    finish = f"custodian rotate --as administrator-1 --finish {rotation} --replace"
    assert garim(f"{finish} custodian-2") == 1
    assert garim(f"{finish} custodian-2={new}") == 0
    assert "2 epochs have new shares" in capsys.readouterr().out
    assert garim("custodian list") == 0
    assert new in capsys.readouterr().out
    assert garim("custodian revoke custodian-2 --as administrator-1") == 0
    assert garim("custodian revoke custodian-3 --as administrator-1") == 1
    assert "1 custodians, and 2 are needed" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("custodian create custodian-1 --as administrator-1", "one of --file, --paper and --recipient"),
        ("custodian create officer-1 --as administrator-1 --paper", "officer-1 is no custodian"),
        ("custodian create administrator-1 --as administrator-1 --paper", "administrator-1 is no custodian"),
        ("custodian create custodian-1 --as officer-1 --paper", "officer-1 is no administrator"),
        ("custodian create custodian-1 --as administrator-1 --recipient age1x", "bech32"),
        ("custodian rotate --as administrator-1", "one of --out and --finish"),
        ("custodian rotate --as administrator-1 --out asks", "no epochs yet"),
        ("release cancel r --as officer-1 --why none", "no release 'r'"),
    ],
)
def test_mistakes_are_named(folder: Path, capsys: Capture, line: str, said: str) -> None:
    assert garim(line) != 0
    assert said in capsys.readouterr().err
