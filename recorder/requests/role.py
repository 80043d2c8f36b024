"""Roles in custody, and which of them one person may have together. Pure."""

from __future__ import annotations

from collections.abc import Collection
from enum import StrEnum

from vcam.base.errors import CustodyError


class Role(StrEnum):
    """What a person may do."""

    OFFICER = "officer"
    """Brings requests, makes exports and shares."""
    APPROVER = "approver"
    """Approves or refuses what others bring."""
    CUSTODIAN = "custodian"
    """Holds a key that together with others opens originals."""
    AUDITOR = "auditor"
    """Reads everything on record, reviews emergencies, and does nothing else."""
    ADMINISTRATOR = "administrator"
    """Adds and revokes people; never holds a key."""


WITH_SECOND = frozenset({Role.APPROVER, Role.CUSTODIAN, Role.AUDITOR})
"""Roles that need a second factor at the console."""


def check_roles(roles: Collection[Role]) -> frozenset[Role]:
    """`roles` as a set. Raises CustodyError when one person may not have them together, or there are none."""
    found = frozenset(roles)
    if not found:
        raise CustodyError("A person needs a role", mend=f"Give one of {', '.join(Role)}")
    if {Role.ADMINISTRATOR, Role.CUSTODIAN} <= found:
        raise CustodyError("An administrator is never a custodian", mend="Let somebody else hold the key")
    if Role.AUDITOR in found and len(found) > 1:
        raise CustodyError("An auditor is nothing else", mend="Give the auditor that role alone")
    return found
