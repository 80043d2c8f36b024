"""A document that is sent only to be hashed: nothing of it is kept."""

from __future__ import annotations

import asyncio
import hashlib
from typing import Final

from aiohttp import BodyPartReader, MultipartReader
from aiohttp.http_exceptions import HttpProcessingError

from vcam.base.errors import CustodyError

LARGEST: Final = 64 << 20
"""Bytes of a document."""
_LONGEST: Final = 600.0
"""Seconds that a document may take."""
_FIELDS: Final = 16
_FIELD: Final = 1024
"""Bytes of any other part."""


async def hashed(reader: MultipartReader) -> dict[str, str]:
    """The fields of the form, with `name` and `sha256` of its file.

    Raises CustodyError when it is too large or no form.
    """
    try:
        async with asyncio.timeout(_LONGEST):
            return await _read(reader)
    except TimeoutError:
        raise CustodyError(
            "The document comes too slowly", mend="Attach it with 'garim request attach'"
        ) from None
    except (ValueError, LookupError, HttpProcessingError) as error:
        raise CustodyError("The form cannot be read", mend="Send it from the page again") from error


async def _read(reader: MultipartReader) -> dict[str, str]:
    said: dict[str, str] = {}
    while (part := await reader.next()) is not None:
        if len(said) >= _FIELDS:
            raise CustodyError("The form has too many fields", mend="Send it from the page again")
        if not isinstance(part, BodyPartReader) or part.name is None:
            raise CustodyError("The form cannot be read", mend="Send it from the page again")
        if part.filename is None:
            said[part.name] = (await part.read_chunk(_FIELD)).decode("utf-8", "replace")
            continue
        digest, size = hashlib.sha256(), 0
        while chunk := await part.read_chunk():
            size += len(chunk)
            if size > LARGEST:
                raise CustodyError(
                    f"The document is larger than {LARGEST >> 20} MiB",
                    mend="Attach it with 'garim request attach'",
                )
            digest.update(chunk)
        if size:
            said |= {"name": part.filename, "sha256": digest.hexdigest()}
    return said
