"""Forms as HTML that needs nothing else, for the screen and for paper."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape

from recorder.ledger.form import Form, Language, Table, said

_STYLE = """\
@page { size: A4 landscape; margin: 12mm }
body { font: 10pt/1.4 "Noto Sans KR", "Malgun Gothic", "Apple SD Gothic Neo", sans-serif; margin: 2em; color: #000 }
h1 { font-size: 16pt; margin: 0 } h2 { font-size: 12pt } p { margin: .3em 0 }
table { border-collapse: collapse; width: 100%; margin: .8em 0 }
th, td { border: 1px solid #444; padding: .25em .4em; text-align: left; vertical-align: top; overflow-wrap: anywhere }
th { background: #eee; white-space: normal } thead { display: table-header-group } tr { break-inside: avoid }
@media print { body { margin: 0 } th { print-color-adjust: exact } }
"""
_EMPTY = {"ko": "해당 없음", "en": "none"}


def page(form: Form, language: Language, *, institution: str, made: str) -> str:
    """The form as a whole document. `made` says when, in text; whatever comes from elsewhere is escaped."""
    title = escape(form.title.to(language))
    head = (
        f'<!DOCTYPE html>\n<html lang="{language}">\n<head>\n<meta charset="utf-8">\n'
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
        f"<title>{title}</title>\n<style>\n{_STYLE}</style>\n</head>\n<body>\n"
    )
    notes = "".join(f"<p>{escape(said(note, language))}</p>\n" for note in form.notes)
    top = f"<h1>{title}</h1>\n<p>{escape(form.basis.to(language))}</p>\n"
    where = f"<p>{escape(institution)}, {escape(made)}</p>\n"
    tables = "".join(part for table in form.tables for part in _table(table, language))
    return f"{head}{top}{where}{tables}{notes}</body>\n</html>\n"


def _table(table: Table, language: Language) -> Iterator[str]:
    if table.title is not None:
        yield f"<h2>{escape(table.title.to(language))}</h2>\n"
    heads = "".join(f'<th scope="col">{escape(column.to(language))}</th>' for column in table.columns)
    yield f"<table>\n<thead><tr>{heads}</tr></thead>\n<tbody>\n"
    for row in table.rows:
        cells = "".join(f"<td>{escape(said(cell, language))}</td>" for cell in row)
        yield f"<tr>{cells}</tr>\n"
    if not table.rows:
        yield f'<tr><td colspan="{len(table.columns)}">{_EMPTY[language]}</td></tr>\n'
    yield "</tbody>\n</table>\n"
