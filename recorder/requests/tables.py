"""Tables of people and requests. The database itself keeps a case's parts with different people.

Whoever takes part in a case has one row in `party`, keyed by case and person: nobody can be two of requester,
approver, custodian and reviewer. Cases and answers point at those rows with the part that they need, so that a case
which counts as approved has an approver who is not its requester. Triggers let only people of the right role take
a part.
"""

from __future__ import annotations

from typing import Final

from sqlalchemy import (
    DDL,
    CheckConstraint,
    Column,
    ForeignKey,
    ForeignKeyConstraint,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    UniqueConstraint,
    event,
)

from recorder.tables import BIG, metadata

ROLES: Final = ("officer", "approver", "custodian", "auditor", "administrator")
_NAME: Final = String(64)
_NUMBER: Final = String(20)
_FLAGS = " AND ".join(f"{role} IN (0, 1)" for role in ROLES)

person = Table(
    "person",
    metadata,
    Column("name", _NAME, primary_key=True, comment="Lasting name, as in the log"),
    Column("title", String(100), nullable=False, comment="Name that people read"),
    *(
        Column(role, Integer, nullable=False, server_default="0", comment=f"1 where the role {role} is held")
        for role in ROLES
    ),
    Column("password", String(200), nullable=False, comment="Argon2id in PHC form"),
    Column("second", LargeBinary, nullable=True, comment="Secret of the second factor (RFC 6238)"),
    Column("step", BIG, nullable=False, server_default="0", comment="Last time step whose code was used"),
    Column("failures", Integer, nullable=False, server_default="0", comment="Wrong log-ins in a row"),
    Column("wait", BIG, nullable=False, server_default="0", comment="No log-in is tried before, us UTC"),
    Column("added", BIG, nullable=False, comment="When added, us UTC"),
    Column("revoked", BIG, nullable=True, comment="Since when nothing is allowed any more, us UTC"),
    CheckConstraint(_FLAGS, name="flags"),
    CheckConstraint("administrator = 0 OR custodian = 0", name="administrator"),
    CheckConstraint("auditor = 0 OR officer + approver + custodian + administrator = 0", name="auditor"),
    comment="People with a role in custody; revoked ones stay for the record",
)

party = Table(
    "party",
    metadata,
    Column("request", _NUMBER, primary_key=True, comment="Number of the case"),
    Column("person", ForeignKey("person.name"), primary_key=True, comment="Who takes part"),
    Column("part", String(9), nullable=False, comment="As what: requester, approver, custodian or reviewer"),
    Column("time", BIG, nullable=False, comment="Since when, us UTC"),
    CheckConstraint("part IN ('requester', 'approver', 'custodian', 'reviewer')", name="part"),
    UniqueConstraint("request", "person", "part", name="uq_party_part"),
    comment="Who takes part in a case: each person in one part only, for ever",
)


def _part(column: str, part: str) -> tuple[Column[str], CheckConstraint, ForeignKeyConstraint]:
    """A column that repeats which part the person of `column` needs, and the key by which the party must have it."""
    return (
        Column(f"{column}_part", String(9), nullable=False, server_default=part, comment=f"Always {part}"),
        CheckConstraint(f"{column}_part = '{part}'", name=f"{column}_part"),
        ForeignKeyConstraint(
            ["number", column, f"{column}_part"],
            ["party.request", "party.person", "party.part"],
            name=f"fk_request_{column}",
        ),
    )


request = Table(
    "request",
    metadata,
    Column("number", _NUMBER, primary_key=True, comment="Number of the case, such as 2026-0001"),
    Column("state", String(9), nullable=False, comment="Where the case stands"),
    Column("basis", String(13), nullable=False, comment="Legal basis, from a closed list"),
    Column("emergency", Integer, nullable=False, comment="1 when two approve at once and a review follows"),
    Column("purpose", Text, nullable=False, comment="What the footage is wanted for"),
    Column("receiver", String(12), nullable=False, comment="Kind of receiver, from a closed list"),
    Column("body", Text, nullable=False, comment="Body that gets it; empty for the institution itself"),
    Column("limits", Text, nullable=False, comment="Limits that are asked of the receiver"),
    Column("cameras", Text, nullable=False, comment="Names of the cameras in scope, one a line"),
    Column("start", BIG, nullable=False, comment="First instant in scope, us UTC"),
    Column("end", BIG, nullable=False, comment="First instant after it, us UTC"),
    Column("confirmation", Text, nullable=False, comment="Why a scope beyond the usual is needed"),
    Column("requester", _NAME, nullable=False, comment="Officer who brings the case"),
    Column("approver", _NAME, nullable=True, comment="Who approved or refused"),
    Column("second", _NAME, nullable=True, comment="Second approver of an emergency"),
    Column("reviewer", _NAME, nullable=True, comment="Who reviewed an emergency afterwards"),
    *_part("requester", "requester"),
    *_part("approver", "approver"),
    *_part("second", "approver"),
    *_part("reviewer", "reviewer"),
    Column("drafted", BIG, nullable=False, comment="When drafted, us UTC"),
    Column("received", BIG, nullable=False, comment="When the demand arrived at the institution, us UTC"),
    Column("submitted", BIG, nullable=True, comment="When submitted, us UTC"),
    Column("due", BIG, nullable=True, comment="First instant at which the answer is late, us UTC"),
    Column("decided", BIG, nullable=True, comment="When approved or refused, us UTC"),
    Column("ground", String(13), nullable=True, comment="Ground of a refusal, from a closed list"),
    Column("answer", Text, nullable=False, server_default="", comment="What was said with the decision"),
    Column("released", BIG, nullable=True, comment="When originals in scope were opened, us UTC"),
    Column("exported", BIG, nullable=True, comment="When files were first made, us UTC"),
    Column("reviewed", BIG, nullable=True, comment="When an emergency was reviewed, us UTC"),
    Column("finding", Text, nullable=False, server_default="", comment="What the review found"),
    Column("closed", BIG, nullable=True, comment="When closed or expired, us UTC"),
    CheckConstraint(
        "state IN ('drafted', 'submitted', 'approved', 'refused', 'released', 'exported', 'closed', 'expired')",
        name="state",
    ),
    CheckConstraint(
        "basis IN ('warrant', 'inquiry', 'voluntary', 'urgent', 'court', "
        "'investigation', 'data-subject', 'internal')",
        name="basis",
    ),
    CheckConstraint(
        "receiver IN ('investigator', 'court', 'helper', 'data-subject', 'institution')", name="receiver"
    ),
    CheckConstraint("emergency = 0 OR (emergency = 1 AND basis = 'urgent')", name="emergency"),
    CheckConstraint('"end" > start AND start >= 0', name="span"),
    CheckConstraint("cameras <> '' AND purpose <> ''", name="whole"),
    CheckConstraint(
        "state IN ('drafted', 'closed', 'expired') OR submitted IS NOT NULL",
        name="submitted",
    ),
    CheckConstraint(
        "state NOT IN ('approved', 'refused', 'released', 'exported') "
        "OR (approver IS NOT NULL AND decided IS NOT NULL)",
        name="decided",
    ),
    CheckConstraint(
        "emergency = 0 OR state NOT IN ('approved', 'released', 'exported') OR second IS NOT NULL",
        name="two_approvers",
    ),
    CheckConstraint("second IS NULL OR second <> approver", name="second"),
    CheckConstraint("(released IS NULL AND exported IS NULL) OR approver IS NOT NULL", name="released"),
    CheckConstraint("state <> 'refused' OR ground IS NOT NULL", name="ground"),
    CheckConstraint("(reviewed IS NULL) = (reviewer IS NULL)", name="reviewed"),
    comment="Cases: who wants which footage, on which basis, and what became of it",
)

answer = Table(
    "request_answer",
    metadata,
    Column("request", ForeignKey("request.number"), primary_key=True, comment="The case"),
    Column("person", _NAME, primary_key=True, comment="Custodian who answered"),
    Column("part", String(9), nullable=False, server_default="custodian", comment="Always custodian"),
    Column("time", BIG, nullable=False, comment="When, us UTC"),
    CheckConstraint("part = 'custodian'", name="part"),
    ForeignKeyConstraint(
        ["request", "person", "part"],
        ["party.request", "party.person", "party.part"],
        name="fk_request_answer_party",
    ),
    comment="Custodians' answers to a case's release",
)

document = Table(
    "request_document",
    metadata,
    Column("request", ForeignKey("request.number"), primary_key=True, comment="The case"),
    Column("sha256", String(64), primary_key=True, comment="SHA-256 of the document"),
    Column("name", String(200), nullable=False, comment="Its file name or file number"),
    Column("kind", String(8), nullable=False, comment="What it proves: basis, identity, agency or other"),
    Column("added", BIG, nullable=False, comment="When attached, us UTC"),
    Column("added_by", _NAME, nullable=False, comment="Who attached it"),
    CheckConstraint("kind IN ('basis', 'identity', 'agency', 'other')", name="kind"),
    CheckConstraint("length(sha256) = 64", name="sha256"),
    comment="Documents of cases, by hash; the documents themselves are kept elsewhere",
)

subject = Table(
    "request_subject",
    metadata,
    Column("request", ForeignKey("request.number"), primary_key=True, comment="The case"),
    Column("asked", String(8), nullable=False, comment="view, copy or deletion"),
    Column("name", Text, nullable=True, comment="Name of the data subject; erased in time"),
    Column("contact", Text, nullable=True, comment="How to reach them; erased in time"),
    Column("agent", Text, nullable=True, comment="Name of an agent, if one acts; erased in time"),
    Column("place", Text, nullable=True, comment="Where they were, in their words; erased in time"),
    Column("period", Text, nullable=True, comment="When they were there, in their words; erased in time"),
    Column("identity", String(16), nullable=False, comment="Kind of the proof of identity"),
    Column("identity_sha256", String(64), nullable=True, comment="SHA-256 of that proof; erased in time"),
    Column(
        "agency_sha256", String(64), nullable=True, comment="SHA-256 of the proof of agency; erased in time"
    ),
    Column("fee", BIG, nullable=False, comment="Fee in won"),
    Column("paid", BIG, nullable=True, comment="When it was paid, us UTC"),
    Column("erased", BIG, nullable=True, comment="When the personal data were erased, us UTC"),
    CheckConstraint("asked IN ('view', 'copy', 'deletion')", name="asked"),
    CheckConstraint("fee >= 0", name="fee"),
    CheckConstraint(
        "erased IS NULL OR (name IS NULL AND contact IS NULL AND agent IS NULL AND place IS NULL "
        "AND period IS NULL AND identity_sha256 IS NULL AND agency_sha256 IS NULL)",
        name="erased",
    ),
    CheckConstraint("agent IS NULL OR agency_sha256 IS NOT NULL", name="agent"),
    comment="A citizen's request with the data of the official form, kept apart from the case",
)

reminder = Table(
    "request_reminder",
    metadata,
    Column("request", ForeignKey("request.number"), primary_key=True, comment="The case"),
    Column(
        "due", BIG, primary_key=True, autoincrement=False, comment="The deadline that it reminds of, us UTC"
    ),
    Column(
        "days", Integer, primary_key=True, autoincrement=False, comment="Days before it; -1 when it has passed"
    ),
    Column("time", BIG, nullable=False, comment="When, us UTC"),
    comment="Reminders that were given",
)

session = Table(
    "session",
    metadata,
    Column("hash", LargeBinary(32), primary_key=True, comment="SHA-256 of the session's token"),
    Column("person", ForeignKey("person.name"), nullable=False, comment="Who is signed in"),
    Column("made", BIG, nullable=False, comment="When signed in, us UTC"),
    Column("seen", BIG, nullable=False, comment="Last request, us UTC"),
    Column("address", String(64), nullable=False, comment="Address that signed in"),
    comment="Who is signed in at the console",
)

link = Table(
    "link",
    metadata,
    Column("id", String(16), primary_key=True, comment="Name of the link in lists and in the log"),
    Column("hash", LargeBinary(32), nullable=False, unique=True, comment="SHA-256 of its token"),
    Column("export", String(64), nullable=False, comment="What it leads to"),
    Column("path", Text, nullable=False, comment="The file"),
    Column("reason", Text, nullable=False, comment="Why it was given out"),
    Column("made", BIG, nullable=False, comment="When, us UTC"),
    Column("made_by", _NAME, nullable=False, comment="By whom"),
    Column("expires", BIG, nullable=False, comment="From when on it leads nowhere, us UTC"),
    Column("downloads", Integer, nullable=False, comment="Downloads that are allowed"),
    Column("used", Integer, nullable=False, server_default="0", comment="Downloads so far"),
    Column("revoked", BIG, nullable=True, comment="When it was revoked, us UTC"),
    CheckConstraint("downloads >= 1 AND used >= 0 AND used <= downloads", name="downloads"),
    CheckConstraint("expires > made", name="expires"),
    comment="Links to shares of masked footage",
)

visit = Table(
    "link_visit",
    metadata,
    Column("link", ForeignKey("link.id"), primary_key=True, comment="The link"),
    Column("hash", LargeBinary(32), primary_key=True, comment="SHA-256 of the visitor's cookie"),
    Column("ends", BIG, nullable=False, comment="Until when further ranges are the same download, us UTC"),
    comment="Downloads under way",
)

_FITS = (
    "EXISTS (SELECT 1 FROM person AS p WHERE p.name = NEW.person AND p.revoked IS NULL AND "
    "((NEW.part = 'requester' AND p.officer = 1) OR (NEW.part = 'approver' AND p.approver = 1) OR "
    "(NEW.part = 'custodian' AND p.custodian = 1) OR "
    "(NEW.part = 'reviewer' AND (p.approver = 1 OR p.auditor = 1))))"
)
_THERE = "EXISTS (SELECT 1 FROM party AS o WHERE o.request = NEW.request AND o.person = NEW.person)"

TRIGGERS: Final = {
    "sqlite": (
        f"CREATE TRIGGER party_fits BEFORE INSERT ON party WHEN NOT {_FITS} "
        "BEGIN SELECT RAISE(ABORT, 'constraint failed: no such role'); END",
        f"CREATE TRIGGER party_once BEFORE INSERT ON party WHEN {_THERE} "
        "BEGIN SELECT RAISE(ABORT, 'constraint failed: one part for each person'); END",
        "CREATE TRIGGER party_kept BEFORE UPDATE ON party "
        "BEGIN SELECT RAISE(ABORT, 'constraint failed: parties stay'); END",
        "CREATE TRIGGER party_stays BEFORE DELETE ON party "
        "BEGIN SELECT RAISE(ABORT, 'constraint failed: parties stay'); END",
    ),
    "postgresql": (
        "CREATE FUNCTION party_fits() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f"IF NOT {_FITS} THEN RAISE EXCEPTION 'no such role' USING ERRCODE = 'check_violation'; END IF; "
        "RETURN NEW; END $$",
        "CREATE FUNCTION party_stays() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        "RAISE EXCEPTION 'parties stay' USING ERRCODE = 'check_violation'; END $$",
        "CREATE TRIGGER party_fits BEFORE INSERT ON party FOR EACH ROW EXECUTE FUNCTION party_fits()",
        "CREATE TRIGGER party_stays BEFORE UPDATE OR DELETE ON party FOR EACH ROW EXECUTE FUNCTION party_stays()",
    ),
}
"""What lets only people of the right role take a part, and keeps every part for good; by dialect."""

for _dialect, _statements in TRIGGERS.items():
    for _statement in _statements:
        _made = DDL(_statement).execute_if(dialect=_dialect)  # type: ignore[no-untyped-call]
        event.listen(party, "after_create", _made)
