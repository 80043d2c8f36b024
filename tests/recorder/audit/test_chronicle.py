"""The record of a running site."""

from __future__ import annotations

import asyncio
from pathlib import Path

import structlog
from sqlalchemy import text

from recorder import durable
from recorder.audit.chronicle import Chronicle
from recorder.audit.entry import Action, Entry
from recorder.audit.head import Head
from recorder.audit.heads import stored
from recorder.audit.log import entries
from recorder.audit.verify import verify
from recorder.database import Database
from recorder.signing import RECORDER, SigningKey
from tests.recorder.audit.conftest import unlock
from vcam.base.clock import ManualClock
from vcam.base.ports import Witness
from vcam.base.settings import Settings

SECRET = "hunter2-in-the-file"


def settings(folder: Path, **recorder: object) -> Settings:
    return Settings.model_validate(
        {
            "site": {"state": folder / "state"},
            "custody": {"heads": folder / "second"},
            "recorder": {"keep_original": False, **recorder},
            "camera": [{"name": "gate", "title": SECRET, "source": {"url": "file:gate.mp4"}}],
        }
    )


class Site:
    """A site's record, over several runs."""

    def __init__(self, folder: Path, clock: ManualClock) -> None:
        self.folder = folder
        self.clock = clock
        self.url = f"sqlite:///{folder / 'state' / 'index.sqlite'}"
        (folder / "state").mkdir()

    def begin(self, *, every: float = 3600.0, **recorder: object) -> Chronicle:
        config = self.folder / "garim.toml"
        config.write_text(repr(recorder), encoding="utf-8")
        return Chronicle(settings(self.folder, **recorder), self.url, self.clock, config=config, every=every)

    async def run(self, **recorder: object) -> None:
        chronicle = self.begin(**recorder)  # type: ignore[arg-type]
        await chronicle.start()
        await chronicle.stop()

    def entries(self) -> list[Entry]:
        database = Database(self.url)
        with database.read() as connection:
            found = [each.entry for each in entries(connection)]
        database.close()
        return found

    def of(self, *actions: Action) -> list[Entry]:
        return [each for each in self.entries() if each.action in actions]

    def heads(self) -> list[Head]:
        database = Database(self.url)
        with database.read() as connection:
            found = list(stored(connection))
            key = SigningKey.open(self.folder / "state" / "keys", RECORDER).public.raw
            assert verify(connection, [key], self.outside()).findings == []
        database.close()
        return found

    def outside(self) -> list[Head]:
        files = sorted((self.folder / "second").glob("*.txt"))
        return [Head.parse(file.read_text(encoding="utf-8")) for file in files]


async def test_starts_and_stops_are_on_record(tmp_path: Path, clock: ManualClock) -> None:
    site = Site(tmp_path, clock)
    await site.run()
    broken = site.begin()
    await broken.start()
    await broken._journal.stop()
    await site.run()
    runs = site.of(Action.STARTED, Action.STOPPED)
    assert [(each.action, each.details.get("clean")) for each in runs] == [
        (Action.STARTED, True),
        (Action.STOPPED, None),
        (Action.STARTED, True),
        (Action.STARTED, False),
        (Action.STOPPED, None),
    ]
    assert {each.actor for each in runs} == {"garim"}
    await broken.stop()


async def test_recorders_that_share_a_log_are_told_apart(tmp_path: Path, clock: ManualClock) -> None:
    site = Site(tmp_path, clock)
    north, south = site.begin(name="north"), site.begin(name="south")
    await north.start()
    await north._journal.stop()
    await south.start()
    await south.stop()
    runs = [
        (each.details["recorder"], each.details.get("clean"))
        for each in site.of(Action.STARTED, Action.STOPPED)
    ]
    assert runs == [("north", True), ("south", True), ("south", None)]
    await site.run(name="north")
    assert site.of(Action.STARTED)[-1].details["clean"] is False
    await north.stop()


async def test_changed_settings_are_named_and_none_is_told(tmp_path: Path, clock: ManualClock) -> None:
    site = Site(tmp_path, clock)
    await site.run()
    await site.run()
    await site.run(retention_days=7, segment=30)
    first, second = site.of(Action.CONFIGURED)
    assert "changed" not in first.details
    assert second.details["changed"] == ["recorder.retention_days", "recorder.segment"]
    assert second.details["file_sha256"] == durable.sha256(tmp_path / "garim.toml")
    assert SECRET not in repr(site.entries())
    assert SECRET not in (tmp_path / "state" / "settings.seen").read_text(encoding="utf-8")


async def test_a_camera_that_comes_or_goes_is_named(tmp_path: Path, clock: ManualClock) -> None:
    site = Site(tmp_path, clock)
    await site.run()
    (tmp_path / "state" / "settings.seen").write_text('{"camera.yard.name": "00"}', encoding="utf-8")
    await site.run()
    changed = site.of(Action.CONFIGURED)[-1].details["changed"]
    assert isinstance(changed, list)
    assert {"camera.yard.name", "camera.gate.name", "camera.gate.source.url"} <= set(changed)


async def test_heads_are_signed_and_kept_in_the_second_place(tmp_path: Path, clock: ManualClock) -> None:
    site = Site(tmp_path, clock)
    chronicle = site.begin(every=0.01)
    await chronicle.start()
    while len(site.outside()) < 3:
        await asyncio.sleep(0.01)
    await chronicle.stop()
    heads = site.heads()
    assert heads == site.outside()
    last = site.of(Action.HEAD_SIGNED)[-1]
    assert last.details == {"size": heads[-1].size, "root": heads[-1].root.hex()}
    assert site.entries()[heads[-1].size - 1].action is Action.STOPPED


async def test_a_second_place_that_was_away_catches_up(tmp_path: Path, clock: ManualClock) -> None:
    site = Site(tmp_path, clock)
    (tmp_path / "second").write_text("a file where the folder should be", encoding="utf-8")
    with structlog.testing.capture_logs() as logs:
        await site.run()
    assert "heads of the audit log cannot be written to custody.heads" in {line["event"] for line in logs}
    (tmp_path / "second").unlink()
    await site.run()
    assert site.heads() == site.outside()
    assert len(site.outside()) == 4


async def test_a_log_that_was_rolled_back_is_told_at_the_start(tmp_path: Path, clock: ManualClock) -> None:
    site = Site(tmp_path, clock)
    await site.run()
    for file in (tmp_path / "state").glob("index.sqlite*"):
        file.unlink()
    with structlog.testing.capture_logs() as logs:
        await site.run()
    assert any("shorter than custody.heads says" in line["event"] for line in logs)


async def test_a_log_that_was_cut_where_a_head_ends_is_told_at_the_start(
    tmp_path: Path, clock: ManualClock
) -> None:
    site = Site(tmp_path, clock)
    await site.run()
    database = Database(f"sqlite:///{tmp_path / 'state' / 'index.sqlite'}")
    unlock(database)
    with database.write() as connection:
        connection.execute(text("DELETE FROM audit WHERE number = (SELECT max(number) FROM audit)"))
        connection.execute(text("DELETE FROM audit_head WHERE size = (SELECT max(size) FROM audit_head)"))
    database.close()
    with structlog.testing.capture_logs() as logs:
        await site.run()
    assert any("shorter than custody.heads says" in line["event"] for line in logs)


async def test_what_clients_do_is_on_record(tmp_path: Path, clock: ManualClock) -> None:
    site = Site(tmp_path, clock)
    chronicle = site.begin()
    await chronicle.start()
    witness: Witness = chronicle.witness("gate")
    for _ in range(3):
        witness.logged_in("operator", "192.0.2.9", "rtsp")
        witness.refused("192.0.2.66", "onvif")
        witness.reaimed("operator\x00\n" + "x" * 200, "192.0.2.9", "main", "AbsoluteMove")
        witness.configured(None, "192.0.2.9", "SetScopes")
    await chronicle.stop()
    told = {
        each.action: (each.actor, each.origin, dict(each.details))
        for each in site.entries()
        if each.subject == "camera/gate" and "count" not in each.details
    }
    assert told == {
        Action.LOGIN: ("onvif/operator", "192.0.2.9", {"door": "rtsp"}),
        Action.LOGIN_FAILED: ("garim", "192.0.2.66", {"door": "onvif", "reason": "wrong credentials"}),
        Action.REAIMED: (
            "onvif/operator??" + "x" * 48,
            "192.0.2.9",
            {"operation": "AbsoluteMove", "profile": "main"},
        ),
        Action.CONFIGURED: ("garim", "192.0.2.9", {"operation": "SetScopes"}),
    }
    counts = [each.details["count"] for each in site.entries() if "count" in each.details]
    assert counts == [2, 2, 2, 2]


async def test_a_full_disk_stops_neither_clients_nor_the_site(tmp_path: Path, clock: ManualClock) -> None:
    site = Site(tmp_path, clock)
    chronicle = site.begin()
    await chronicle.start()
    database = Database(site.url)
    with database.write() as connection:
        for table in ("audit", "audit_head"):
            connection.execute(
                text(
                    f"CREATE TRIGGER full_{table} BEFORE INSERT ON {table} BEGIN SELECT RAISE(FAIL, 'full'); END"
                )
            )
    database.close()
    with structlog.testing.capture_logs() as logs:
        chronicle.witness("gate").logged_in("operator", "192.0.2.9", "rtsp")
        await chronicle.stop()
    events = {line["event"] for line in logs}
    assert "no head of the audit log was signed" in events
    assert "the audit log could not be written: entries are lost" in events


async def test_trouble_with_the_keys_of_originals_is_on_record(tmp_path: Path) -> None:
    site = Site(tmp_path, ManualClock())
    chronicle = site.begin()
    await chronicle.start()
    witness = chronicle.witness("gate")
    witness.keys("the share store cannot be used")
    witness.keys("")
    await chronicle.stop()
    told = [(e.action, e.subject, e.details) for e in site.entries() if e.action.startswith("keys.")]
    assert told == [
        (Action.KEYS_FAILED, "camera/gate", {"reason": "the share store cannot be used"}),
        (Action.KEYS_RESTORED, "camera/gate", {}),
    ]
