"""Cases: who may do what, what is asked for, what goes on record."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import update

from recorder.database import Database
from recorder.requests.basis import RULES, Basis, Ground, Receiver
from recorder.requests.rules import DAY
from recorder.requests.states import State
from recorder.requests.tables import request as table
from tests.recorder.requests.conftest import MINUTE, NOON, SHA, Office, cast_into, citizen, letter, scope
from vcam.base.clock import ManualClock
from vcam.base.errors import CustodyError, Forbidden


def test_the_whole_way_of_a_case_is_on_record(office: Office) -> None:
    book = office.book
    number = office.approved()
    assert number == "2026-0001"
    book.answered(number, by="custodian-1", details={"release": "r1"})
    book.answered(number, by="custodian-2", details={"release": "r1"})
    assert book.released(number, by="officer-1", details={"epochs": ["e"]}).state is State.RELEASED
    assert (
        book.exported(number, by="officer-1", export="x1", details={"kind": "masked"}).state is State.EXPORTED
    )
    found = book.close(number, "handed over", by="officer-1")
    assert (found.state, found.approver, found.requester) == (State.CLOSED, "approver-1", "officer-1")
    entries = office.entries()
    assert [each["action"] for each in entries] == [
        "request.drafted",
        "request.changed",
        "request.submitted",
        "request.approved",
        "release.answered",
        "release.answered",
        "release.released",
        "export.made",
        "request.closed",
    ]
    assert entries[-2]["subject"] == "export/x1"
    for each in (entries[0], entries[3], entries[6], entries[7]):
        assert each["details"]["article"] == "형사소송법 제215조 (Criminal Procedure Act 215)"
        assert each["details"]["cameras"] == ["gate"]
    assert book.draft(letter(), by="officer-2").number == "2026-0002"


def test_a_failed_deed_leaves_no_trace(office: Office) -> None:
    number = office.submitted()
    before = office.entries()
    with pytest.raises(Forbidden, match="cannot be moved"):
        office.book.released(number, by="officer-1")
    with pytest.raises(Forbidden, match="is no approver"):
        office.book.approve(number, by="officer-1")
    assert office.entries() == before
    assert office.book.get(number).state is State.SUBMITTED


def test_nobody_approves_or_opens_an_own_case(office: Office) -> None:
    book = office.book
    number = book.draft(letter(), by="everything-1").number
    book.attach(number, SHA, "warrant.pdf", by="everything-1")
    book.submit(number, by="everything-1")
    with pytest.raises(Forbidden, match="everything-1 is the requester"):
        book.approve(number, by="everything-1")
    with pytest.raises(Forbidden, match="everything-1 is the requester"):
        book.refuse(number, Ground.SCOPE, by="everything-1")
    book.approve(number, by="approver-1")
    with pytest.raises(Forbidden, match="everything-1 is the requester"):
        book.answered(number, by="everything-1")


def test_an_approver_is_no_custodian_of_the_same_case(office: Office) -> None:
    number = office.submitted()
    office.book.approve(number, by="everything-1")
    with pytest.raises(Forbidden, match="everything-1 is the approver"):
        office.book.answered(number, by="everything-1")
    other = office.approved()
    office.book.answered(other, by="everything-1")


@pytest.mark.parametrize(
    "change",
    [{"end": NOON + MINUTE}, {"start": 0}, {"cameras": "gate\nyard"}, {"basis": "court"}, {"body": "x"}],
)
def test_what_was_widened_in_the_database_after_the_approval_is_not_opened(
    office: Office, change: dict[str, object]
) -> None:
    number = office.approved()
    assert office.book.as_approved(number).scope == scope()
    with office.database.write() as connection:
        connection.execute(update(table).where(table.c.number == number).values(**change))
    before = office.entries()
    with pytest.raises(Forbidden, match="not as it was approved"):
        office.book.as_approved(number)
    with pytest.raises(Forbidden, match="not as it was approved"):
        office.book.released(number, by="officer-1")
    with pytest.raises(Forbidden, match="not as it was approved"):
        office.book.exported(number, by="officer-1", export="E20260302-00c0ffee")
    assert office.entries() == before
    assert office.book.get(number).state is State.APPROVED


def test_a_release_that_was_cut_short_is_answered_and_made_again(office: Office) -> None:
    number = office.approved()
    for release in ("r1", "r2"):
        for who in ("custodian-1", "custodian-2"):
            office.book.answered(number, by=who, details={"release": release})
        office.book.released(number, by="officer-1", details={"release": release})
    answers = [each["details"] for each in office.entries() if each["action"] == "release.answered"]
    assert [(each["custodian"], each["release"]) for each in answers] == [
        ("custodian-1", "r1"),
        ("custodian-2", "r1"),
        ("custodian-1", "r2"),
        ("custodian-2", "r2"),
    ]
    assert office.book.get(number).released == NOON


def test_revoked_people_do_nothing(office: Office) -> None:
    number = office.submitted()
    office.people.revoke("approver-1", by="administrator-1")
    with pytest.raises(Forbidden, match="nobody who may act"):
        office.book.approve(number, by="approver-1")


@pytest.mark.parametrize("basis", [basis for basis in Basis if RULES[basis].document])
def test_a_case_without_its_document_is_not_submitted(office: Office, basis: Basis) -> None:
    office.book.rules = type(office.book.rules)(public_body=True)
    receiver = min(RULES[basis].receivers)
    number = office.book.draft(letter(basis=basis, receiver=receiver), by="officer-1").number
    with pytest.raises(CustodyError, match="asks for a document"):
        office.book.submit(number, by="officer-1")
    office.book.attach(number, SHA, "identity.pdf", by="officer-1", kind="identity")
    with pytest.raises(CustodyError, match="asks for a document"):
        office.book.submit(number, by="officer-1")
    office.book.attach(number, "cd" * 32, "letter.pdf", by="officer-1")
    assert office.book.submit(number, by="officer-1").state is State.SUBMITTED


def test_only_public_bodies_rely_on_investigation(office: Office) -> None:
    with pytest.raises(CustodyError, match="public institutions"):
        office.book.draft(letter(basis=Basis.INVESTIGATION), by="officer-1")


@pytest.mark.parametrize(
    ("changes", "match"),
    [
        ({"receiver": Receiver.COURT}, "nothing is given to: court"),
        ({"basis": Basis.URGENT}, "kind of receiver"),
        ({"emergency": True}, "no emergency release"),
        ({"purpose": " "}, "purpose"),
        ({"receiving_body": ""}, "receiving body"),
        ({"received": NOON + 1}, "future"),
        ({"basis": Basis.SUBJECT}, "form of a citizen's request"),
    ],
)
def test_drafts_that_cannot_be(office: Office, changes: dict[str, Any], match: str) -> None:
    with pytest.raises(CustodyError, match=match):
        office.book.draft(letter(**changes), by="officer-1")
    assert not office.book.list()


def test_a_wide_scope_needs_a_word(office: Office) -> None:
    for wide in (scope(minutes=25 * 60), scope(cameras=("a", "b", "c", "d", "e"))):
        with pytest.raises(CustodyError, match="confirmation"):
            office.submitted(scope=wide)
        office.submitted(scope=wide, confirmation="the whole day is named in the warrant")


def test_an_emergency_needs_two_and_a_review_by_a_third(office: Office) -> None:
    book = office.book
    number = book.draft(
        letter(basis=Basis.URGENT, receiver=Receiver.HELPER, emergency=True), by="officer-1"
    ).number
    book.submit(number, by="officer-1")
    assert book.approve(number, by="approver-1").state is State.SUBMITTED
    with pytest.raises(Forbidden, match="approver-1 is the approver"):
        book.approve(number, by="approver-1")
    with pytest.raises(Forbidden):
        book.released(number, by="officer-1")
    assert book.approve(number, by="approver-2").state is State.APPROVED
    book.exported(number, by="officer-1", export="x1")
    with pytest.raises(Forbidden, match="not reviewed"):
        book.close(number, "done", by="officer-1")
    for who in ("approver-1", "approver-2"):
        with pytest.raises(Forbidden, match="is the approver"):
            book.review(number, "all well", by=who)
    assert book.review(number, "all well", by="auditor-1").reviewer == "auditor-1"
    assert book.close(number, "done", by="officer-1").state is State.CLOSED
    assert [
        each["details"]["emergency"] for each in office.entries() if each["action"] == "request.approved"
    ] == [
        True,
        True,
    ]


def test_reviews_that_are_late_are_reminded_of(office: Office) -> None:
    book = office.book
    number = book.draft(
        letter(basis=Basis.URGENT, receiver=Receiver.HELPER, emergency=True), by="officer-1"
    ).number
    book.submit(number, by="officer-1")
    book.approve(number, by="approver-1")
    book.approve(number, by="approver-2")
    office.clock.advance(4 * 86_400)
    (late,) = book.remind()
    assert (late.number, late.what) == (number, "review")
    assert late.days < 0


def test_a_refusal_has_its_ground(office: Office) -> None:
    number = office.book.draft(citizen(), by="officer-1").number
    office.book.submit(number, by="officer-1")
    with pytest.raises(CustodyError, match="knows no refusal"):
        office.book.refuse(number, Ground.SCOPE, by="approver-1")
    with pytest.raises(CustodyError, match="cause of the refusal"):
        office.book.refuse(number, Ground.OTHER, by="approver-1")
    found = office.book.refuse(number, Ground.DESTROYED, by="approver-1", text="older than 30 days")
    assert (found.state, found.ground) == (State.REFUSED, Ground.DESTROYED)
    assert office.entries()[-1]["details"] == {
        "request": number,
        "ground": "destroyed",
        "explanation": "older than 30 days",
    }


def test_ten_days_reminders_and_an_extension(office: Office) -> None:
    book = office.book
    number = book.draft(citizen(), by="officer-1").number
    book.submit(number, by="officer-1")
    due = book.get(number).due
    assert due == NOON + 10 * DAY + DAY // 2  # the end of the tenth day after, in Seoul
    told = []
    for _day in range(13):
        told += [each.days for each in book.remind()]
        assert book.remind() == []
        office.clock.advance(86_400)
    assert told == [5, 2, 1, 0, -1]
    assert book.extend(number, 10, "many cameras", by="approver-1").due == due + 10 * DAY
    assert book.remind() == []
    reasons = [
        each["details"].get("reason") for each in office.entries() if each["action"] == "request.extended"
    ]
    assert reasons == ["many cameras"]
    assert sum(each["action"] == "request.reminded" for each in office.entries()) == 5


def test_what_nobody_needs_expires_and_what_must_be_answered_does_not(office: Office) -> None:
    draft = office.book.draft(letter(), by="officer-1").number
    waiting, approved, exported = office.submitted(), office.approved(), office.approved()
    office.book.exported(exported, by="officer-1", export="x")
    citizens = office.book.draft(citizen(), by="officer-1").number
    office.clock.advance(30 * 86_400)
    assert office.book.expire() == [draft, approved]
    assert office.book.expire() == []
    assert office.book.get(waiting).state is State.SUBMITTED
    assert office.book.get(citizens).state is State.DRAFTED
    with pytest.raises(Forbidden):
        office.book.released(approved, by="officer-1")


def test_personal_data_stay_apart_and_are_erased_in_time(office: Office) -> None:
    book = office.book
    number = book.draft(citizen(), by="officer-1").number
    book.paid(number, by="officer-1")
    with pytest.raises(CustodyError, match="No fee"):
        book.paid(number, by="officer-1")
    assert "by mail" not in str(office.entries()) + str(book.get(number))
    assert book.subject(number, by="approver-1") is not None
    with pytest.raises(Forbidden):
        book.subject(number, by="custodian-1")
    book.close(number, "withdrawn", by="officer-1")
    assert book.erase() == []
    office.clock.advance(30 * 86_400)
    assert book.erase() == [number]
    left = book.subject(number, by="auditor-1")
    assert left is not None
    assert (left.name, left.contact, left.identity_sha256, left.fee, left.paid) == ("", "", "", 1000, NOON)
    assert book.erase() == []


def test_it_is_the_same_on_postgresql(postgresql_url: str) -> None:
    database = Database(postgresql_url)
    cast_into(database)
    office = Office.over(database, ManualClock(NOON))
    numbers = [office.approved(), office.approved()]
    assert numbers == ["2026-0001", "2026-0002"]
    office.book.answered(numbers[0], by="custodian-1")
    with pytest.raises(Forbidden, match="approver-1 is no custodian"):
        office.book.answered(numbers[0], by="approver-1")
    office.book.released(numbers[0], by="officer-1")
    citizens = office.book.draft(citizen(), by="officer-1").number
    office.clock.advance(12 * 86_400)
    assert [each.number for each in office.book.remind()] == [citizens]
    office.clock.advance(30 * 86_400)
    assert office.book.expire() == numbers
    office.book.close(citizens, "withdrawn", by="officer-1")
    office.clock.advance(31 * 86_400)
    assert office.book.erase() == [citizens]
    database.close()


def test_what_others_do_in_one_transaction_is_undone_together(office: Office) -> None:
    number = office.approved()
    before = office.entries()
    with office.database.engine.connect() as connection:
        office.book.exported(number, by="officer-1", export="x1", connection=connection)
        connection.rollback()
    assert office.entries() == before
    assert office.book.get(number).state is State.APPROVED
