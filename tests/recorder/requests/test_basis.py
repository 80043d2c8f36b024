"""The closed lists of the law, against the table that they come from."""

from __future__ import annotations

import re

import pytest

from recorder.requests.basis import GROUNDS, RULES, SUBJECT_GROUNDS, Basis, Ground, Receiver
from recorder.requests.rules import Rules
from recorder.requests.tables import request
from vcam.base.errors import CustodyError

ARTICLES = {
    Basis.WARRANT: ("형사소송법 제215조", "Criminal Procedure Act 215"),
    Basis.INQUIRY: ("형사소송법 제199조제2항", "Criminal Procedure Act 199(2)"),
    Basis.VOLUNTARY: ("형사소송법 제218조", "Criminal Procedure Act 218"),
    Basis.URGENT: ("개인정보 보호법 제18조제2항제3호", "PIPA 18(2)3"),
    Basis.COURT: ("개인정보 보호법 제18조제2항제8호", "PIPA 18(2)8"),
    Basis.INVESTIGATION: ("개인정보 보호법 제18조제2항제7호", "PIPA 18(2)7"),
    Basis.SUBJECT: ("개인정보 보호법 제35조", "PIPA 35"),
}


def test_each_basis_names_its_article() -> None:
    assert set(RULES) == set(Basis)
    for basis, (korean, english) in ARTICLES.items():
        assert (RULES[basis].article_korean, RULES[basis].article) == (korean, english)


def test_the_database_knows_the_same_lists() -> None:
    checks = {str(each.name): str(each.sqltext) for each in request.constraints if hasattr(each, "sqltext")}
    for name, kinds in (("basis", Basis), ("receiver", Receiver)):
        assert set(re.findall(r"'([\w-]+)'", checks[f"ck_request_{name}"])) == set(kinds)


def test_an_emergency_is_for_the_urgent_alone_and_ten_days_for_data_subjects() -> None:
    assert {basis for basis in Basis if RULES[basis].emergency} == {Basis.URGENT}
    assert {basis: RULES[basis].days for basis in Basis if RULES[basis].days} == {Basis.SUBJECT: 10}
    assert {basis for basis in Basis if not RULES[basis].document} == {Basis.SUBJECT, Basis.INTERNAL}


def test_texts_are_in_both_languages() -> None:
    texts = [(rule.korean, rule.english) for rule in RULES.values()] + list(GROUNDS.values())
    assert set(GROUNDS) == set(Ground)
    assert set(Ground) > SUBJECT_GROUNDS
    for korean, english in texts:
        assert re.search("[가-힣]", korean)
        assert english.isascii()


@pytest.mark.parametrize("basis", Basis)
@pytest.mark.parametrize("receiver", Receiver)
def test_nobody_gets_anything_on_a_basis_that_is_not_for_them(basis: Basis, receiver: Receiver) -> None:
    rules = Rules(public_body=True)
    if receiver in RULES[basis].receivers:
        assert rules.basis(basis, receiver) is RULES[basis]
    else:
        with pytest.raises(CustodyError, match=f"nothing is given to: {receiver}"):
            rules.basis(basis, receiver)
