"""Ways to spoil a request: its tree of elements, its bytes, and ready-made attacks."""

from __future__ import annotations

import copy
import random
from collections.abc import Callable

from lxml import etree

TEXTS = (
    "",
    " ",
    "-1",
    "0",
    "4294967296",
    "9" * 400,
    "1e309",
    "NaN",
    "-INF",
    "true false",
    "P99999999999Y",
    "-P1Y2M3DT4H5M6.7S",
    "PT1E5S",
    "0001-01-01T00:00:00Z",
    "99999-12-31T23:59:60Z",
    "2026-02-30T25:61:61+99:99",
    "../../../../etc/passwd",
    "file:///etc/shadow",
    "http://[::1",
    "rtsp://[fe80::1%25eth0]:99999/",
    "%00%ff%zz",
    "{0.__class__.__mro__}",
    "%s%n%x",
    "';--",
    "\u202e",
    "\U0001f4f7" * 50,
    "e\u0301" * 80,
    "\ufeff",
    "a" * 5000,
    "tns1:" * 60,
    "tns1:A//.|" * 40,
    "boolean(//*[" + "(" * 50 + "1" + ")" * 50 + "])",
    "count(//*)=count(//*/ancestor::*)",
    "127.0.0.1:0",
    "999.1.1.1",
    "::ffff:127.0.0.1",
    "\n\r\t",
    "==",
)
"""Values that are wrong, long or at the edge of what a type can hold; all of them may stand in XML."""

_SOAP11 = "http://schemas.xmlsoap.org/soap/envelope/"
_SOAP12 = "http://www.w3.org/2003/05/soap-envelope"
_XSI = "http://www.w3.org/2001/XMLSchema-instance"
_TT = "http://www.onvif.org/ver10/schema"


class Mutator:
    """Spoils what it is given; the same `chance` spoils it in the same way."""

    def __init__(self, chance: random.Random) -> None:
        self._chance = chance
        self._tree: tuple[Callable[[list[etree._Element]], None], ...] = (
            self._drop,
            self._twice,
            self._text,
            self._text,
            self._text,
            self._attribute,
            self._attribute,
            self._rename,
            self._namespace,
            self._swap,
            self._deepen,
            self._typed,
            self._stuff,
        )

    def tree(self, root: etree._Element) -> None:
        """Spoil a tree in place, in one to four ways."""
        for _ in range(self._chance.choice((1, 1, 2, 4))):
            self._chance.choice(self._tree)(list(root.iter(etree.Element)))

    def _drop(self, all_: list[etree._Element]) -> None:
        victim = self._chance.choice(all_)
        parent = victim.getparent()
        if parent is not None:
            parent.remove(victim)

    def _twice(self, all_: list[etree._Element]) -> None:
        one = self._chance.choice(all_)
        parent = one.getparent()
        if parent is not None:
            for _ in range(self._chance.choice((1, 1, 2, 200))):
                parent.append(copy.deepcopy(one))

    def _text(self, all_: list[etree._Element]) -> None:
        self._chance.choice(all_).text = self._chance.choice(TEXTS)

    def _attribute(self, all_: list[etree._Element]) -> None:
        one = self._chance.choice(all_)
        keys = [str(key) for key in one.attrib] + ["token", "x", f"{{{_XSI}}}nil", f"{{{_TT}}}odd"]
        one.set(self._chance.choice(keys), self._chance.choice((*TEXTS, "true")))

    def _rename(self, all_: list[etree._Element]) -> None:
        one, other = self._chance.choice(all_), self._chance.choice(all_)
        one.tag = (
            other.tag if self._chance.random() < 0.5 else etree.QName(etree.QName(one).namespace, "Odd").text
        )

    def _namespace(self, all_: list[etree._Element]) -> None:
        one = self._chance.choice(all_)
        space = self._chance.choice((_TT, _SOAP11, _SOAP12, "", "urn:odd"))
        one.tag = f"{{{space}}}{etree.QName(one).localname}" if space else etree.QName(one).localname

    def _swap(self, all_: list[etree._Element]) -> None:
        one = self._chance.choice(all_)
        children = list(one)
        self._chance.shuffle(children)
        one[:] = children

    def _deepen(self, all_: list[etree._Element]) -> None:
        one = self._chance.choice(all_)
        for _ in range(self._chance.choice((3, 40, 400))):
            one = etree.SubElement(one, one.tag)

    def _typed(self, all_: list[etree._Element]) -> None:
        kinds = ("tt:VideoEncoderConfiguration", "tt:Profile", "xs:QName", "odd:odd", "tt:", ":")
        self._chance.choice(all_).set(f"{{{_XSI}}}type", self._chance.choice(kinds))

    def _stuff(self, all_: list[etree._Element]) -> None:
        one = self._chance.choice(all_)
        if self._chance.random() < 0.5:
            one.append(etree.Comment("x" * 100))
            one.append(etree.ProcessingInstruction("x", "y"))
        else:
            one.tail = self._chance.choice(TEXTS)

    def data(self, data: bytes) -> bytes:
        """Spoil bytes: flipped bits, holes, doubled and foreign pieces, an early end."""
        raw = bytearray(data)
        for _ in range(self._chance.choice((1, 1, 2, 8))):
            at = self._chance.randrange(len(raw) + 1)
            span = self._chance.choice((1, 1, 2, 16, 300))
            way = self._chance.randrange(6)
            if way == 0 and at < len(raw):
                raw[at] ^= 1 << self._chance.randrange(8)
            elif way == 1:
                del raw[at : at + span]
            elif way == 2:
                raw[at:at] = raw[at : at + span]
            elif way == 3:
                raw[at:at] = self._chance.randbytes(span)
            elif way == 4:
                del raw[at:]
            else:
                raw[at:at] = self._chance.choice(
                    (b"\x00", b"\xff", b"\r\n", b"\r\n\r\n", b"%", b"\xed\xa0\x80", b"<")
                )
        return bytes(raw)

    def encoded(self, root: etree._Element) -> bytes:
        """A tree as bytes, mostly UTF-8, at times in an encoding that is not allowed or is not the one it names."""
        way = self._chance.random()
        if way < 0.9:
            return etree.tostring(root, xml_declaration=self._chance.random() < 0.5, encoding="UTF-8")
        text = etree.tostring(root, encoding="unicode")
        encoding = self._chance.choice(("utf-16", "utf-16-le", "utf-32", "utf-7", "utf-8-sig", "cp037"))
        named = self._chance.choice(("", '<?xml version="1.0" encoding="UTF-16"?>', '<?xml version="1.1"?>'))
        return (named + text).encode(encoding, errors="replace")


def bombs(chance: random.Random) -> bytes:
    """A document that is an attack: entities, nesting, width, or nothing but noise."""
    open_, close = f'<e:Envelope xmlns:e="{_SOAP12}"><e:Body>'.encode(), b"</e:Body></e:Envelope>"
    entities = b"".join(b'<!ENTITY l%d "%s">' % (n, b"&l%d;" % (n - 1) * 10) for n in range(1, 10))
    return chance.choice(
        (
            lambda: b'<!DOCTYPE x [<!ENTITY l0 "lol">' + entities + b"]>" + open_ + b"<x>&l9;</x>" + close,
            lambda: b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>' + open_ + b"<x>&a;</x>" + close,
            lambda: b'<!DOCTYPE x SYSTEM "http://127.0.0.1:9/x.dtd">' + open_ + b"<x/>" + close,
            lambda: '<!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>'.encode("utf-16"),
            lambda: open_ + b"<x>" * chance.choice((33, 1000, 20000)) + close,
            lambda: open_ + b"<x>" * 200 + b"</x>" * 200 + close,
            lambda: open_ + b"<x>" + b"<y/>" * chance.choice((5000, 50000)) + b"</x>" + close,
            lambda: open_ + b"<x " + b" ".join(b'a%d="1"' % n for n in range(2000)) + b"/>" + close,
            lambda: open_ + b"<x>" + b"a" * chance.choice((200_000, 300_000)) + b"</x>" + close,
            lambda: open_ + b'<x xmlns:a="' + b"u" * 9000 + b'"/>' + close,
            lambda: open_ + b"<![CDATA[" + b"]]" * 500 + b"]]><x/>" + close,
            lambda: open_ + b"&#x0;&#55296;&#1114112;<x/>" + close,
            lambda: b"\xff\xfe" + open_[: chance.randrange(len(open_))],
            lambda: chance.randbytes(chance.choice((1, 10, 1000))),
            lambda: b"",
        )
    )()
