"""Configurations that clients set without naming all that the schema demands: what they leave out stays as it is."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping

from lxml import etree

from onvif_server.wsdl import types


def whole(
    request: etree._Element, telling: str, present: Callable[[str], Mapping[str, object]]
) -> etree._Element:
    """A copy of a `request` that sets a Configuration, with all that it does not name.

    `present` gives the values of the configuration that has a token, as they stand in the reply to `telling`, the
    name of an operation's request in Clark's notation; what it raises is passed on.
    """
    found = copy.deepcopy(request)
    asked = found.find(f"{{{etree.QName(telling).namespace}}}Configuration")
    operation = types().operation(telling)
    if asked is None or operation is None:
        return found
    reply = etree.Element("reply")
    operation.render(reply, {"Configuration": present(asked.get("token", ""))})
    found.replace(asked, completed(asked, reply[0][0]))
    return found


def completed(asked: etree._Element, present: etree._Element) -> etree._Element:
    """A copy of `asked` with those elements of `present` that it lacks, each in its place, and so on within them.

    What cannot be joined, such as an element that is there twice, is left as it was asked, for the schema to refuse.
    """
    found = copy.deepcopy(asked)
    children = [child for child in found if isinstance(child.tag, str)]
    named = {child.tag: child for child in children}
    if len(named) < len(children):
        return found
    last: etree._Element | None = None
    for part in present:
        mine = named.get(part.tag)
        if mine is None:
            mine = copy.deepcopy(part)
            found.insert(0 if last is None else found.index(last) + 1, mine)
        elif len(part) and len(mine):
            whole = completed(mine, part)
            found.replace(mine, whole)
            mine = whole
        last = mine
    return found
