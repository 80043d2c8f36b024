"""`make custody-demo`: the whole story of an original, told by the product's own commands.

A camera records; masked footage is shared; the police ask for the original; nobody approves what he asked for
himself; two of three custodians answer; one person is left clear; a receiver verifies what he got; time runs out, and
nothing opens the footage any more. Each step is a command as staff would type it, in a process of its own.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import re
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from models.manifest import weights
from recorder.keys import new_identity
from vcam.base.clock import SystemClock
from vcam.base.errors import GarimError
from vcam.base.logs import configure
from vcam.base.settings_file import load
from vcam.demo.folder import DemoFolder
from vcam.demo.recording import record
from vcam.demo.scene import Scene
from vcam.demo.staff import Done, Staff
from vcam.demo.storysite import BODY, CAMERA, CUSTODIANS, LETTER, PEOPLE, StorySite

RECORDED: Final = 16.0
"""Seconds of footage that are recorded."""
ASKED: Final = 4
"""Seconds that the police ask for."""
_AGO: Final = 3 * 3600.0
_TWO_MINUTES: Final = 120.0
_SPAN = re.compile(r"\d{4}-\d{4}")


class Broken(Exception):
    """A step did not do what it must, so that the rest of the story cannot be told."""


@dataclass(slots=True)
class Steps:
    """What came true, in order."""

    told: dict[str, bool] = field(default_factory=dict)

    def tell(self, name: str, true: bool, what: str) -> bool:
        """Note a step, and say it."""
        self.told[name] = bool(true)
        sys.stdout.write(f"[{'yes' if true else ' NO'}] {name.replace('_', ' ')}: {what}\n")
        sys.stdout.flush()
        return true

    def need(self, name: str, true: bool, what: str) -> None:
        """Note a step without which the story ends. Raises Broken."""
        if not self.tell(name, true, what):
            raise Broken(name)


@dataclass(slots=True)
class Story:
    """One telling of it, in a folder of its own. `out` receives what the story leaves behind."""

    site: StorySite
    out: Path
    steps: Steps = field(default_factory=Steps)

    @property
    def staff(self) -> Staff:
        return self.site.staff

    def tell(self) -> None:
        """All of it. Raises Broken where it cannot go on."""
        self.settle()
        begin, end = self.record()
        self.share(begin, end)
        number = self.request(begin, end)
        self.release(number)
        export = self.selective(number)
        self.verify(export)
        self.original(number)
        self.purge(number)

    def settle(self) -> None:
        """People with their roles, and three custodians of whom any two are enough."""
        done = [
            self.staff.garim("person", "add", name, *roles, by="" if first else PEOPLE[0][0], new=name)
            for first, (name, *roles) in zip([True] + [False] * len(PEOPLE), PEOPLE, strict=False)
        ]
        for name in CUSTODIANS:
            key = self.site.identity(name)
            done.append(self.staff.garim("custodian", "create", name, "--file", key, by=PEOPLE[0][0]))
        failed = [each.said for each in done if not each.well]
        self.steps.need("settled", not failed, failed[0] if failed else f"{len(PEOPLE)} people, 3 custodians")

    def record(self) -> tuple[datetime, datetime]:
        """Record, as of some hours ago; the span that the story is about."""
        record(load(self.site.config), RECORDED, ago=_AGO)
        listed = self.staff.garim("footage", "list")
        starts = self.site.originals()
        sealed = bool(starts) and self.site.nothing_plain()
        self.steps.need("recorded", listed.well and sealed, f"{len(starts)} originals, none readable here")
        begin = starts[len(starts) // 3]
        return begin, begin + timedelta(seconds=ASKED)

    def share(self, begin: datetime, end: datetime) -> None:
        """A citizen gets a masked clip soon after an accident, on nobody's request."""
        since = time.monotonic()
        span = ("--from", begin.isoformat(), "--to", end.isoformat())
        review = self.site.root / "review"
        looked = self.staff.garim("review", "start", review, "--camera", CAMERA, *span)
        if looked.well:
            looked = self.staff.garim("review", "approve", review, by="officer-2")
        self.steps.need("reviewed", looked.well, looked.said)
        what = ("share", CAMERA, begin.isoformat(), end.isoformat(), "--review", review)
        done = self.staff.garim(
            *what, "--reason", "a bump in the entrance", "--body", "insurer", by="officer-1"
        )
        took = time.monotonic() - since
        folder = self._folder(done)
        self.steps.need("share_of_masked_clip", folder is not None, done.said)
        self.steps.tell("share_within_two_minutes", took < _TWO_MINUTES, f"{took:.0f} s with its review")

    def request(self, begin: datetime, end: datetime) -> str:
        """A police officer's letter becomes a case, which another person approves; its number."""
        self.site.letter.write_text(LETTER, encoding="utf-8")
        scope = ("--camera", CAMERA, "--from", begin.isoformat(), "--to", end.isoformat())
        why = ("--basis", "inquiry", "--purpose", "theft in the entrance", "--body", BODY)
        drafted = self.staff.garim("request", "draft", *why, *scope, by="officer-1")
        found = _SPAN.search(drafted.out)
        self.steps.need("request_drafted", drafted.well and found is not None, drafted.said)
        number = found[0] if found else ""
        for words in (("attach", number, self.site.letter), ("submit", number)):
            done = self.staff.garim("request", *words, by="officer-1")
            self.steps.need(f"request_{words[0]}ed".replace("submited", "submitted"), done.well, done.said)
        own = self.staff.garim("request", "approve", number, by="officer-1")
        self.steps.need("own_approval_refused", not own.well and "officer-1" in own.err, own.said)
        done = self.staff.garim("request", "approve", number, by="approver-1")
        self.steps.need("approved_by_another", done.well, done.said)
        return number

    def release(self, number: str) -> None:
        """Two of three custodians open it; one alone does not."""
        asks = self.site.root / "asks"
        done = self.staff.garim("release", "ask", number, "--out", asks, by="officer-1")
        self.steps.need("custodians_asked", done.well, done.said)
        self._answer(asks, CUSTODIANS[0])
        alone = self._selective(number, "--list-tracks")
        self.steps.need("one_custodian_is_not_enough", not alone.well, alone.said)
        self._answer(asks, CUSTODIANS[2])
        self.steps.tell("two_of_three_custodians", True, "both have answered with their own keys")

    def selective(self, number: str) -> Path:
        """Everybody is masked but the one whom it is about."""
        listed = self._selective(number, "--list-tracks")
        choice = _choice(listed)
        self.steps.need("tracks_listed", listed.well and choice != "", choice or listed.said)
        done = self._selective(
            number, "--keep", choice, "--reviewed-by", "officer-2", "--unencrypted", "--more"
        )
        folder = self._folder(done)
        self.steps.need("selective_export", folder is not None, done.said)
        target = self.out / "export"
        if folder is not None:
            shutil.copytree(folder / "export", target)
            for name in ("verify.pyz", "institution.pub"):
                shutil.copy(folder / name, self.out / name)
        return target

    def verify(self, export: Path) -> None:
        """What the receiver does, with Python alone."""
        key = self.out / "institution.pub"
        well = self._check(export, "--key", str(key))
        self.steps.need("verified", well.returncode == 0, _last(well.stdout))
        bare = self._check(export)
        self.steps.tell("unauthenticated_without_key", bare.returncode == 2, _last(bare.stdout))
        with tempfile.TemporaryDirectory() as scratch:
            spoilt = Path(scratch) / "export"
            shutil.copytree(export, spoilt)
            video = max(spoilt.rglob("*.mp4"), key=lambda path: path.stat().st_size)
            data = bytearray(video.read_bytes())
            data[len(data) // 2] ^= 1
            video.write_bytes(data)
            caught = self._check(spoilt, "--key", str(key))
        self.steps.need("flipped_byte_caught", caught.returncode == 1, _last(caught.stdout))

    def original(self, number: str) -> None:
        """The untouched original, encrypted to its receiver and, beside it, as it must come out."""
        identity = self.out / "identity.txt"
        recipient = new_identity(identity, SystemClock())
        sealed = self._export(number, "original", "--to", recipient, "--no-viewing", "--more")
        plain = self._export(number, "original", "--unencrypted", "--no-viewing")
        folders = [self._folder(done) for done in (sealed, plain)]
        self.steps.need("original_exported", None not in folders, (sealed if not folders[0] else plain).said)
        self.site.segments(folders, self.out)
        opened = self._age(identity)
        same = opened == (self.out / "segment.h264").read_bytes()
        by = "age" if shutil.which("age") else "Garim's own reader, for there is no 'age' here"
        self.steps.tell("age_opens_it", same, f"{len(opened)} bytes, by {by}")

    def purge(self, number: str) -> None:
        """Its time is over: it goes, and no backup brings it back."""
        backup = self.site.backup()
        self.site.expire()
        done = self.staff.garim("purge")
        gone = not self.site.originals()
        self.steps.need("purged", done.well and gone, done.said)
        refused, why = self._refused(number)
        self.steps.tell("export_impossible_after_purge", refused, why)
        head = self.site.root / "head.txt"
        self.audit(head)
        self.site.restore(backup)
        back = bool(self.site.originals())
        refused, why = self._refused(number)
        self.steps.tell("export_impossible_from_backup", back and refused and "custodians can open" in why, why)
        older = self.staff.garim("audit", "verify", "--head", head)
        found = "head" in older.out and not older.well
        self.steps.tell("rolled_back_log_noticed", found, _last(older.out) or older.said)

    def audit(self, head: Path) -> None:
        """The log holds all of it, and nothing was taken out. Its signed head goes elsewhere, as `head`."""
        done = self.staff.garim("audit", "verify")
        self.steps.tell("log_verified", done.well, done.said)
        signed = self.staff.garim("audit", "head", "--new")
        head.write_text(signed.out, encoding="utf-8")
        again = self.staff.garim("audit", "verify", "--head", head)
        self.steps.tell("log_goes_on_from_its_head", signed.well and again.well, again.said)

    def _refused(self, number: str) -> tuple[bool, str]:
        """Whether nothing of it opens, though two custodians answer whatever they are asked; and why."""
        asks = self.site.root / f"asks-{time.monotonic_ns()}"
        asked = self.staff.garim("release", "ask", number, "--out", asks, by="officer-1")
        if asked.well:
            for name in CUSTODIANS[:2]:
                with contextlib.suppress(Broken):
                    self._answer(asks, name)
        tried = self._export(number, "original", "--unencrypted")
        said = " ".join((asked.err if not asked.well else tried.err).split())
        return not tried.well, said

    def _answer(self, asks: Path, name: str) -> None:
        (ask,) = asks.glob(f"*-{name}.ask.json")
        answer = ask.with_name(f"{name}.answer.json")
        done = self.staff.garim("release", "answer", ask, "-i", self.site.identity(name), "-o", answer, "--yes")
        if done.well:
            done = self.staff.garim("release", "accept", answer, by="officer-1")
        if not done.well:
            self.steps.need(f"answer_of_{name.replace('-', '_')}", False, done.said)

    def _export(self, number: str, kind: str, *more: str) -> Done:
        return self.staff.garim("export", number, "--kind", kind, *more, by="officer-1")

    def _selective(self, number: str, *more: str) -> Done:
        return self._export(number, "selective", *more)

    def _folder(self, done: Done) -> Path | None:
        """The folder that an export's command has named."""
        named = [Path(line.strip()) for line in done.out.splitlines()] if done.well else []
        return next((path for path in named if path.is_dir()), None)

    def _check(self, export: Path, *more: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-I", "-S", str(self.out / "verify.pyz"), str(export), "--lang", "en", *more]
        return subprocess.run(command, capture_output=True, text=True, check=False)

    def _age(self, identity: Path) -> bytes:
        """What `age` makes of the segment; where it is not installed, what our own reader does."""
        segment = self.out / "segment.age"
        age = shutil.which("age")
        if age is None:
            return self.site.opened(segment, identity)
        command = [age, "-d", "-i", str(identity), str(segment)]
        return subprocess.run(command, capture_output=True, check=False).stdout


def _last(text: str) -> str:
    lines = text.strip().splitlines()
    return lines[-1] if lines else ""


def _choice(listed: Done) -> str:
    """The face that is certain in most pictures, as --keep takes it."""
    digest = re.search(r"--keep \S+?:N,\.\.\.@([0-9a-f]{64})", listed.err)
    best, most = "", 0
    for line in listed.out.splitlines():
        words = line.replace("│", " ").split()
        if len(words) >= 7 and words[0] == CAMERA and words[2] == "face" and int(words[6]) > most:
            best, most = words[1], int(words[6])
    return f"{CAMERA}:{best}@{digest[1]}" if digest and best else ""


def tell(out: Path | None) -> int:
    """Tell the story in a folder that is removed afterwards; the exit status. The last line printed is JSON."""
    with tempfile.TemporaryDirectory(prefix="garim-custody-") as scratch:
        root = Path(scratch)
        kept = out if out is not None else root / "out"
        kept.mkdir(parents=True, exist_ok=True)
        if any(kept.iterdir()):
            sys.stderr.write(f"{kept} is not empty. Name a folder that is not there yet\n")
            return 2
        folder = DemoFolder.make(root / "site")
        folder.write_footage(Scene(weights("astronaut")))
        story = Story(StorySite.make(folder, kept), kept)
        try:
            story.tell()
        except Broken as broken:
            sys.stdout.write(f"The story ends at: {broken}\n")
        finally:
            story.site.clear()
    told = story.steps.told
    whole = all(told.values()) and "log_verified" in told
    sys.stdout.write(json.dumps({**told, "all": whole}) + "\n")
    return 0 if whole else 1


def main() -> int:
    """`python -m vcam.demo.story [--out DIR]`."""
    parser = argparse.ArgumentParser(description="Tell the story of an original from recording to purge.")
    parser.add_argument("--out", type=Path, help="Folder for the export, its verifier and a released segment.")
    arguments = parser.parse_args()
    configure("warning")
    try:
        return tell(arguments.out)
    except GarimError as error:
        sys.stderr.write(f"{error}\n")
        return 1


if __name__ == "__main__":
    sys.exit(main())
