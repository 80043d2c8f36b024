"""People, cases and links."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "m0004"
down_revision = "m0003"
branch_labels = None
depends_on = None

_BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

_FITS = (
    "EXISTS (SELECT 1 FROM person AS p WHERE p.name = NEW.person AND p.revoked IS NULL AND "
    "((NEW.part = 'requester' AND p.officer = 1) OR (NEW.part = 'approver' AND p.approver = 1) OR "
    "(NEW.part = 'custodian' AND p.custodian = 1) OR "
    "(NEW.part = 'reviewer' AND (p.approver = 1 OR p.auditor = 1))))"
)
_THERE = "EXISTS (SELECT 1 FROM party AS o WHERE o.request = NEW.request AND o.person = NEW.person)"

_TRIGGERS = {
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


def upgrade() -> None:
    """Make the tables, and the triggers that keep the parts of a case."""
    _person()
    _party()
    _request()
    _request_answer()
    _request_document()
    _request_subject()
    _request_reminder()
    _session()
    _link()
    _link_visit()
    for statement in _TRIGGERS[op.get_bind().dialect.name]:
        op.execute(statement)


def _person() -> None:
    op.create_table(
        "person",
        sa.Column("name", sa.String(length=64), nullable=False, comment="Lasting name, as in the log"),
        sa.Column("title", sa.String(length=100), nullable=False, comment="Name that people read"),
        sa.Column(
            "officer",
            sa.Integer(),
            server_default="0",
            nullable=False,
            comment="1 where the role officer is held",
        ),
        sa.Column(
            "approver",
            sa.Integer(),
            server_default="0",
            nullable=False,
            comment="1 where the role approver is held",
        ),
        sa.Column(
            "custodian",
            sa.Integer(),
            server_default="0",
            nullable=False,
            comment="1 where the role custodian is held",
        ),
        sa.Column(
            "auditor",
            sa.Integer(),
            server_default="0",
            nullable=False,
            comment="1 where the role auditor is held",
        ),
        sa.Column(
            "administrator",
            sa.Integer(),
            server_default="0",
            nullable=False,
            comment="1 where the role administrator is held",
        ),
        sa.Column("password", sa.String(length=200), nullable=False, comment="Argon2id in PHC form"),
        sa.Column("second", sa.LargeBinary(), nullable=True, comment="Secret of the second factor (RFC 6238)"),
        sa.Column(
            "step", _BIG, server_default="0", nullable=False, comment="Last time step whose code was used"
        ),
        sa.Column(
            "failures", sa.Integer(), server_default="0", nullable=False, comment="Wrong log-ins in a row"
        ),
        sa.Column(
            "wait", _BIG, server_default="0", nullable=False, comment="No log-in is tried before, us UTC"
        ),
        sa.Column("added", _BIG, nullable=False, comment="When added, us UTC"),
        sa.Column("revoked", _BIG, nullable=True, comment="Since when nothing is allowed any more, us UTC"),
        sa.CheckConstraint("administrator = 0 OR custodian = 0", name=op.f("ck_person_administrator")),
        sa.CheckConstraint(
            "auditor = 0 OR officer + approver + custodian + administrator = 0", name=op.f("ck_person_auditor")
        ),
        sa.CheckConstraint(
            "officer IN (0, 1) AND approver IN (0, 1) AND custodian IN (0, 1) AND auditor IN (0, "
            "1) AND administrator IN (0, 1)",
            name=op.f("ck_person_flags"),
        ),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_person")),
        comment="People with a role in custody; revoked ones stay for the record",
    )


def _party() -> None:
    op.create_table(
        "party",
        sa.Column("request", sa.String(length=20), nullable=False, comment="Number of the case"),
        sa.Column("person", sa.String(length=64), nullable=False, comment="Who takes part"),
        sa.Column(
            "part",
            sa.String(length=9),
            nullable=False,
            comment="As what: requester, approver, custodian or reviewer",
        ),
        sa.Column("time", _BIG, nullable=False, comment="Since when, us UTC"),
        sa.CheckConstraint(
            "part IN ('requester', 'approver', 'custodian', 'reviewer')", name=op.f("ck_party_part")
        ),
        sa.ForeignKeyConstraint(["person"], ["person.name"], name=op.f("fk_party_person")),
        sa.PrimaryKeyConstraint("request", "person", name=op.f("pk_party")),
        sa.UniqueConstraint("request", "person", "part", name="uq_party_part"),
        comment="Who takes part in a case: each person in one part only, for ever",
    )


def _request() -> None:
    op.create_table(
        "request",
        sa.Column(
            "number", sa.String(length=20), nullable=False, comment="Number of the case, such as 2026-0001"
        ),
        sa.Column("state", sa.String(length=9), nullable=False, comment="Where the case stands"),
        sa.Column("basis", sa.String(length=13), nullable=False, comment="Legal basis, from a closed list"),
        sa.Column(
            "emergency", sa.Integer(), nullable=False, comment="1 when two approve at once and a review follows"
        ),
        sa.Column("purpose", sa.Text(), nullable=False, comment="What the footage is wanted for"),
        sa.Column(
            "receiver", sa.String(length=12), nullable=False, comment="Kind of receiver, from a closed list"
        ),
        sa.Column(
            "body", sa.Text(), nullable=False, comment="Body that gets it; empty for the institution itself"
        ),
        sa.Column("limits", sa.Text(), nullable=False, comment="Limits that are asked of the receiver"),
        sa.Column("cameras", sa.Text(), nullable=False, comment="Names of the cameras in scope, one a line"),
        sa.Column("start", _BIG, nullable=False, comment="First instant in scope, us UTC"),
        sa.Column("end", _BIG, nullable=False, comment="First instant after it, us UTC"),
        sa.Column("confirmation", sa.Text(), nullable=False, comment="Why a scope beyond the usual is needed"),
        sa.Column("requester", sa.String(length=64), nullable=False, comment="Officer who brings the case"),
        sa.Column("approver", sa.String(length=64), nullable=True, comment="Who approved or refused"),
        sa.Column("second", sa.String(length=64), nullable=True, comment="Second approver of an emergency"),
        sa.Column(
            "reviewer", sa.String(length=64), nullable=True, comment="Who reviewed an emergency afterwards"
        ),
        sa.Column(
            "requester_part",
            sa.String(length=9),
            server_default="requester",
            nullable=False,
            comment="Always requester",
        ),
        sa.Column(
            "approver_part",
            sa.String(length=9),
            server_default="approver",
            nullable=False,
            comment="Always approver",
        ),
        sa.Column(
            "second_part",
            sa.String(length=9),
            server_default="approver",
            nullable=False,
            comment="Always approver",
        ),
        sa.Column(
            "reviewer_part",
            sa.String(length=9),
            server_default="reviewer",
            nullable=False,
            comment="Always reviewer",
        ),
        sa.Column("drafted", _BIG, nullable=False, comment="When drafted, us UTC"),
        sa.Column(
            "received", _BIG, nullable=False, comment="When the demand arrived at the institution, us UTC"
        ),
        sa.Column("submitted", _BIG, nullable=True, comment="When submitted, us UTC"),
        sa.Column("due", _BIG, nullable=True, comment="First instant at which the answer is late, us UTC"),
        sa.Column("decided", _BIG, nullable=True, comment="When approved or refused, us UTC"),
        sa.Column(
            "ground", sa.String(length=13), nullable=True, comment="Ground of a refusal, from a closed list"
        ),
        sa.Column(
            "answer", sa.Text(), server_default="", nullable=False, comment="What was said with the decision"
        ),
        sa.Column("released", _BIG, nullable=True, comment="When originals in scope were opened, us UTC"),
        sa.Column("exported", _BIG, nullable=True, comment="When files were first made, us UTC"),
        sa.Column("reviewed", _BIG, nullable=True, comment="When an emergency was reviewed, us UTC"),
        sa.Column("finding", sa.Text(), server_default="", nullable=False, comment="What the review found"),
        sa.Column("closed", _BIG, nullable=True, comment="When closed or expired, us UTC"),
        sa.CheckConstraint("approver_part = 'approver'", name=op.f("ck_request_approver_part")),
        sa.CheckConstraint(
            "basis IN ('warrant', 'inquiry', 'voluntary', 'urgent', 'court', 'investigation', "
            "'data-subject', 'internal')",
            name=op.f("ck_request_basis"),
        ),
        sa.CheckConstraint("cameras <> '' AND purpose <> ''", name=op.f("ck_request_whole")),
        sa.CheckConstraint(
            "emergency = 0 OR (emergency = 1 AND basis = 'urgent')", name=op.f("ck_request_emergency")
        ),
        sa.CheckConstraint(
            "emergency = 0 OR state NOT IN ('approved', 'released', 'exported') OR second IS NOT NULL",
            name=op.f("ck_request_two_approvers"),
        ),
        sa.CheckConstraint(
            "receiver IN ('investigator', 'court', 'helper', 'data-subject', 'institution')",
            name=op.f("ck_request_receiver"),
        ),
        sa.CheckConstraint("requester_part = 'requester'", name=op.f("ck_request_requester_part")),
        sa.CheckConstraint("reviewer_part = 'reviewer'", name=op.f("ck_request_reviewer_part")),
        sa.CheckConstraint("second_part = 'approver'", name=op.f("ck_request_second_part")),
        sa.CheckConstraint("state <> 'refused' OR ground IS NOT NULL", name=op.f("ck_request_ground")),
        sa.CheckConstraint(
            "state IN ('drafted', 'closed', 'expired') OR submitted IS NOT NULL",
            name=op.f("ck_request_submitted"),
        ),
        sa.CheckConstraint(
            "state IN ('drafted', 'submitted', 'approved', 'refused', 'released', 'exported', "
            "'closed', 'expired')",
            name=op.f("ck_request_state"),
        ),
        sa.CheckConstraint(
            "state NOT IN ('approved', 'refused', 'released', 'exported') OR (approver IS NOT NULL AND "
            "decided IS NOT NULL)",
            name=op.f("ck_request_decided"),
        ),
        sa.CheckConstraint('"end" > start AND start >= 0', name=op.f("ck_request_span")),
        sa.CheckConstraint(
            "(released IS NULL AND exported IS NULL) OR approver IS NOT NULL", name=op.f("ck_request_released")
        ),
        sa.CheckConstraint("(reviewed IS NULL) = (reviewer IS NULL)", name=op.f("ck_request_reviewed")),
        sa.CheckConstraint("second IS NULL OR second <> approver", name=op.f("ck_request_second")),
        sa.ForeignKeyConstraint(
            ["number", "approver", "approver_part"],
            ["party.request", "party.person", "party.part"],
            name="fk_request_approver",
        ),
        sa.ForeignKeyConstraint(
            ["number", "requester", "requester_part"],
            ["party.request", "party.person", "party.part"],
            name="fk_request_requester",
        ),
        sa.ForeignKeyConstraint(
            ["number", "reviewer", "reviewer_part"],
            ["party.request", "party.person", "party.part"],
            name="fk_request_reviewer",
        ),
        sa.ForeignKeyConstraint(
            ["number", "second", "second_part"],
            ["party.request", "party.person", "party.part"],
            name="fk_request_second",
        ),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_request")),
        comment="Cases: who wants which footage, on which basis, and what became of it",
    )


def _request_answer() -> None:
    op.create_table(
        "request_answer",
        sa.Column("request", sa.String(length=20), nullable=False, comment="The case"),
        sa.Column("person", sa.String(length=64), nullable=False, comment="Custodian who answered"),
        sa.Column(
            "part", sa.String(length=9), server_default="custodian", nullable=False, comment="Always custodian"
        ),
        sa.Column("time", _BIG, nullable=False, comment="When, us UTC"),
        sa.CheckConstraint("part = 'custodian'", name=op.f("ck_request_answer_part")),
        sa.ForeignKeyConstraint(
            ["request", "person", "part"],
            ["party.request", "party.person", "party.part"],
            name="fk_request_answer_party",
        ),
        sa.ForeignKeyConstraint(["request"], ["request.number"], name=op.f("fk_request_answer_request")),
        sa.PrimaryKeyConstraint("request", "person", name=op.f("pk_request_answer")),
        comment="Custodians' answers to a case's release",
    )


def _request_document() -> None:
    op.create_table(
        "request_document",
        sa.Column("request", sa.String(length=20), nullable=False, comment="The case"),
        sa.Column("sha256", sa.String(length=64), nullable=False, comment="SHA-256 of the document"),
        sa.Column("name", sa.String(length=200), nullable=False, comment="Its file name or file number"),
        sa.Column(
            "kind",
            sa.String(length=8),
            nullable=False,
            comment="What it proves: basis, identity, agency or other",
        ),
        sa.Column("added", _BIG, nullable=False, comment="When attached, us UTC"),
        sa.Column("added_by", sa.String(length=64), nullable=False, comment="Who attached it"),
        sa.CheckConstraint(
            "kind IN ('basis', 'identity', 'agency', 'other')", name=op.f("ck_request_document_kind")
        ),
        sa.CheckConstraint("length(sha256) = 64", name=op.f("ck_request_document_sha256")),
        sa.ForeignKeyConstraint(["request"], ["request.number"], name=op.f("fk_request_document_request")),
        sa.PrimaryKeyConstraint("request", "sha256", name=op.f("pk_request_document")),
        comment="Documents of cases, by hash; the documents themselves are kept elsewhere",
    )


def _request_subject() -> None:
    op.create_table(
        "request_subject",
        sa.Column("request", sa.String(length=20), nullable=False, comment="The case"),
        sa.Column("asked", sa.String(length=8), nullable=False, comment="view, copy or deletion"),
        sa.Column("name", sa.Text(), nullable=True, comment="Name of the data subject; erased in time"),
        sa.Column("contact", sa.Text(), nullable=True, comment="How to reach them; erased in time"),
        sa.Column("agent", sa.Text(), nullable=True, comment="Name of an agent, if one acts; erased in time"),
        sa.Column("place", sa.Text(), nullable=True, comment="Where they were, in their words; erased in time"),
        sa.Column(
            "period", sa.Text(), nullable=True, comment="When they were there, in their words; erased in time"
        ),
        sa.Column("identity", sa.String(length=16), nullable=False, comment="Kind of the proof of identity"),
        sa.Column(
            "identity_sha256",
            sa.String(length=64),
            nullable=True,
            comment="SHA-256 of that proof; erased in time",
        ),
        sa.Column(
            "agency_sha256",
            sa.String(length=64),
            nullable=True,
            comment="SHA-256 of the proof of agency; erased in time",
        ),
        sa.Column("fee", _BIG, nullable=False, comment="Fee in won"),
        sa.Column("paid", _BIG, nullable=True, comment="When it was paid, us UTC"),
        sa.Column("erased", _BIG, nullable=True, comment="When the personal data were erased, us UTC"),
        sa.CheckConstraint("asked IN ('view', 'copy', 'deletion')", name=op.f("ck_request_subject_asked")),
        sa.CheckConstraint("agent IS NULL OR agency_sha256 IS NOT NULL", name=op.f("ck_request_subject_agent")),
        sa.CheckConstraint(
            "erased IS NULL OR (name IS NULL AND contact IS NULL AND agent IS NULL AND "
            "place IS NULL AND period IS NULL AND identity_sha256 IS NULL AND agency_sha256 IS NULL)",
            name=op.f("ck_request_subject_erased"),
        ),
        sa.CheckConstraint("fee >= 0", name=op.f("ck_request_subject_fee")),
        sa.ForeignKeyConstraint(["request"], ["request.number"], name=op.f("fk_request_subject_request")),
        sa.PrimaryKeyConstraint("request", name=op.f("pk_request_subject")),
        comment="A citizen's request with the data of the official form, kept apart from the case",
    )


def _request_reminder() -> None:
    op.create_table(
        "request_reminder",
        sa.Column("request", sa.String(length=20), nullable=False, comment="The case"),
        sa.Column(
            "due", _BIG, autoincrement=False, nullable=False, comment="The deadline that it reminds of, us UTC"
        ),
        sa.Column(
            "days",
            sa.Integer(),
            autoincrement=False,
            nullable=False,
            comment="Days before it; -1 when it has passed",
        ),
        sa.Column("time", _BIG, nullable=False, comment="When, us UTC"),
        sa.ForeignKeyConstraint(["request"], ["request.number"], name=op.f("fk_request_reminder_request")),
        sa.PrimaryKeyConstraint("request", "due", "days", name=op.f("pk_request_reminder")),
        comment="Reminders that were given",
    )


def _session() -> None:
    op.create_table(
        "session",
        sa.Column("hash", sa.LargeBinary(length=32), nullable=False, comment="SHA-256 of the session's token"),
        sa.Column("person", sa.String(length=64), nullable=False, comment="Who is signed in"),
        sa.Column("made", _BIG, nullable=False, comment="When signed in, us UTC"),
        sa.Column("seen", _BIG, nullable=False, comment="Last request, us UTC"),
        sa.Column("address", sa.String(length=64), nullable=False, comment="Address that signed in"),
        sa.ForeignKeyConstraint(["person"], ["person.name"], name=op.f("fk_session_person")),
        sa.PrimaryKeyConstraint("hash", name=op.f("pk_session")),
        comment="Who is signed in at the console",
    )


def _link() -> None:
    op.create_table(
        "link",
        sa.Column(
            "id", sa.String(length=16), nullable=False, comment="Name of the link in lists and in the log"
        ),
        sa.Column("hash", sa.LargeBinary(length=32), nullable=False, comment="SHA-256 of its token"),
        sa.Column("export", sa.String(length=64), nullable=False, comment="What it leads to"),
        sa.Column("path", sa.Text(), nullable=False, comment="The file"),
        sa.Column("reason", sa.Text(), nullable=False, comment="Why it was given out"),
        sa.Column("made", _BIG, nullable=False, comment="When, us UTC"),
        sa.Column("made_by", sa.String(length=64), nullable=False, comment="By whom"),
        sa.Column("expires", _BIG, nullable=False, comment="From when on it leads nowhere, us UTC"),
        sa.Column("downloads", sa.Integer(), nullable=False, comment="Downloads that are allowed"),
        sa.Column("used", sa.Integer(), server_default="0", nullable=False, comment="Downloads so far"),
        sa.Column("revoked", _BIG, nullable=True, comment="When it was revoked, us UTC"),
        sa.CheckConstraint(
            "downloads >= 1 AND used >= 0 AND used <= downloads", name=op.f("ck_link_downloads")
        ),
        sa.CheckConstraint("expires > made", name=op.f("ck_link_expires")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_link")),
        sa.UniqueConstraint("hash", name=op.f("uq_link_hash")),
        comment="Links to shares of masked footage",
    )


def _link_visit() -> None:
    op.create_table(
        "link_visit",
        sa.Column("link", sa.String(length=16), nullable=False, comment="The link"),
        sa.Column("hash", sa.LargeBinary(length=32), nullable=False, comment="SHA-256 of the visitor's cookie"),
        sa.Column(
            "ends", _BIG, nullable=False, comment="Until when further ranges are the same download, us UTC"
        ),
        sa.ForeignKeyConstraint(["link"], ["link.id"], name=op.f("fk_link_visit_link")),
        sa.PrimaryKeyConstraint("link", "hash", name=op.f("pk_link_visit")),
        comment="Downloads under way",
    )
