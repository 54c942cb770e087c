"""A letter as a PDF, for who would rather send a file to the printer, or to a service that posts letters.

The HTML letter is made for paper already, and any browser prints it; this only saves that step. It needs the extra `pdf`
(WeasyPrint) and the Pango library, so nothing else may depend on it.

The same letter gives the same bytes, as long as the same versions and fonts draw it.
"""

from __future__ import annotations

import os
from contextlib import contextmanager
from typing import TYPE_CHECKING

from generator.domain.ledger import SourceRef
from generator.errors import OutsideError, UserError
from generator.problems.run import TEMPLATE_ERROR

if TYPE_CHECKING:
    from collections.abc import Iterator

_NO_WEASYPRINT = (
    "a PDF needs WeasyPrint, which is not installed: pip install 'relance[pdf]'. "
    "Without it, open the letter in a browser and print it."
)
_NO_PANGO = (
    "WeasyPrint is installed, but not the library it draws with: on Debian and Ubuntu apt install libpango-1.0-0 "
    "libpangoft2-1.0-0 libharfbuzz-subset0, on macOS brew install pango. Without it, open the letter in a browser and print it."
)
_EPOCH = "SOURCE_DATE_EPOCH"
_ITSELF = (
    "data",
)  #: what a letter may hold: only what is in it, so that paper shows nothing that comes from elsewhere
_NOWHERE = "https://letter.invalid/"


def pdf(html: str) -> bytes:
    """The letter as it prints, in A4 or whatever its style sheet says, tagged for those who have it read to them.

    Raises OutsideError, with what to install, where there is no WeasyPrint or no Pango; UserError when the letter holds
    something that is not in it, like an image of a web site.
    """
    try:
        from weasyprint import HTML  # noqa: PLC0415 - an extra, and slow to load
        from weasyprint.urls import FatalURLFetchingError, URLFetcher  # noqa: PLC0415  (an extra)
    except ImportError as error:
        raise OutsideError(_NO_WEASYPRINT) from error
    except OSError as error:
        raise OutsideError(_NO_PANGO) from error
    fetcher = URLFetcher(allowed_protocols=_ITSELF, fail_on_errors=True)
    try:
        with _undated():
            return bytes(HTML(string=html, base_url=_NOWHERE, url_fetcher=fetcher).write_pdf(pdf_tags=True))
    except FatalURLFetchingError as error:
        reason = f"a letter on paper holds only what is in it (data:): {str(error).replace(_NOWHERE, '')}"
        raise UserError([TEMPLATE_ERROR.at(SourceRef("portal_templates/letters"), reason=reason)]) from error


@contextmanager
def _undated() -> Iterator[None]:
    """No moment of today goes into the file: fonts carry one, which is that of this variable where it is set."""
    before = os.environ.get(_EPOCH)
    os.environ.setdefault(_EPOCH, "0")
    try:
        yield
    finally:
        if before is None:
            del os.environ[_EPOCH]
