"""A PDF → the XML of the e-invoice within it, if it is a Factur-X or ZUGFeRD invoice.

The library's own extraction is not used: it would hand every attachment to a parser that expands entities.
"""

from __future__ import annotations

import logging
from io import BytesIO
from typing import TYPE_CHECKING

from pypdf import PasswordType, PdfReader

from generator.domain.ledger import Problem, SourceRef
from generator.problems import einvoices as problems
from generator.readers.einvoices.folder import LARGEST_XML
from generator.readers.einvoices.forms import flavor_of, root_of

if TYPE_CHECKING:
    from collections.abc import Iterator

#: The names that the standards give it, the likeliest first.
_NAMES = ("factur-x.xml", "zugferd-invoice.xml", "xrechnung.xml")
_MOST_ATTACHMENTS = 100

# It comments on every slip of a PDF; what matters becomes a problem.
logging.getLogger("pypdf").setLevel(logging.CRITICAL)


def embedded_xml(data: bytes, file: str) -> bytes | Problem | None:
    """The XML of the invoice, why it cannot be had, or None for a PDF for people only."""
    try:
        reader = PdfReader(BytesIO(data))
        if reader.is_encrypted and reader.decrypt("") is PasswordType.NOT_DECRYPTED:
            return problems.LOCKED.at(SourceRef(file))
        attached = dict(_xml_files(reader))
        if not attached and not reader.pages:
            return problems.UNREADABLE.at(SourceRef(file), reason="it has no page")
    except Exception as wrong:  # noqa: BLE001  (a broken PDF may fail anywhere in the library)
        return problems.UNREADABLE.at(SourceRef(file), reason=str(wrong)[:100] or type(wrong).__name__)
    named = [attached[name] for name in _NAMES if name in attached]
    if named:
        return named[0]
    for content in attached.values():
        root = root_of(content, file)
        if not isinstance(root, Problem) and flavor_of(root):
            return content
    return None


def _xml_files(reader: PdfReader) -> Iterator[tuple[str, bytes]]:
    for count, attachment in enumerate(reader.attachment_list):
        if count >= _MOST_ATTACHMENTS:
            return
        name = attachment.name.casefold()
        if name.endswith(".xml"):
            content = bytes(attachment.content)
            if len(content) > LARGEST_XML:
                raise ValueError(f"the XML inside is over {LARGEST_XML // 1_000_000} MB large")
            yield name, content
