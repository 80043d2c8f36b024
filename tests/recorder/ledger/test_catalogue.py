"""Every form in every language and format."""

from __future__ import annotations

import csv
import io
import typing

import pytest
from lxml import etree

from recorder.audit.entry import Action
from recorder.ledger.catalogue import FORMS, Format, written
from recorder.ledger.form import Language
from tests.recorder.ledger.conftest import Make, entry, export
from vcam.cli import ledger

HOSTILE = "<script>alert(1)</script>\"'&=1"
LANGUAGES: tuple[Language, ...] = ("ko", "en")


def everything(make: Make) -> typing.Any:
    return make(
        export(1, purpose=HOSTILE, receiving_body=HOSTILE, files=[{"name": HOSTILE}], article=HOSTILE),
        entry(Action.REQUEST_DRAFTED, 2, HOSTILE, HOSTILE, request=HOSTILE, documents=[{"name": HOSTILE}]),
        entry(
            Action.PURGED,
            3,
            HOSTILE,
            HOSTILE,
            reason=HOSTILE,
            kind=HOSTILE,
            files=[HOSTILE] * 9,
            certificate=HOSTILE,
        ),
        entry(Action.LOGIN, 4, HOSTILE, HOSTILE, door=HOSTILE),
    )


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", FORMS)
def test_pages_are_whole_and_run_nothing(make: Make, name: str, language: Language) -> None:
    text = written(name, everything(make), language, "html")
    assert "<script" not in text
    tree = etree.fromstring(text.encode(), etree.HTMLParser(encoding="utf-8"))
    assert tree.get("lang") == language
    assert tree.findall(".//meta[@charset='utf-8']")
    assert not tree.xpath("//@src | //@href | //link | //script | //img | //iframe")
    assert all(
        len(row) == len(table.findall("./thead/tr/th"))
        for table in tree.iter("table")
        for row in table.findall("./tbody/tr")
    )
    if name not in {"policy", "notice-board"}:
        assert HOSTILE in "".join(map(str, tree.itertext()))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", FORMS)
def test_sheets_open_as_utf8(make: Make, name: str, language: Language) -> None:
    text = written(name, everything(make), language, "csv")
    assert text.encode().startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline="")))
    assert all(rows[0])
    assert {len(row) for row in rows} <= {
        0,
        1,
        *(len(table.columns) for table in FORMS[name](everything(make)).tables),
    }


@pytest.mark.parametrize("name", FORMS)
@pytest.mark.parametrize("format_", ["html", "csv"])
def test_without_entries_there_is_a_form_all_the_same(make: Make, name: str, format_: Format) -> None:
    korean, english = (written(name, make(), language, format_) for language in LANGUAGES)
    assert korean != english


def test_the_command_knows_every_form() -> None:
    assert typing.get_args(ledger.Form) == tuple(FORMS)
