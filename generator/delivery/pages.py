"""Whether clients see the pages of the last build: asked over the network, as a client's browser would, before anything is sent.

Each page carries a mark, a digest of itself. What answers at its address has to carry the same one: a site that is not
published yet, a cache that keeps an older page and a host that shows its own page for a wrong address all answer 200.

What is said of a page never holds its address, whose last part is the key of a client.
"""

from __future__ import annotations

import re
import socket
import ssl
import time
from concurrent.futures import ThreadPoolExecutor
from html.parser import HTMLParser
from http.client import HTTPException, HTTPResponse
from typing import IO, TYPE_CHECKING
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit
from urllib.request import (
    HTTPDefaultErrorHandler,
    HTTPErrorProcessor,
    HTTPHandler,
    HTTPRedirectHandler,
    HTTPSHandler,
    OpenerDirector,
    ProxyHandler,
    Request,
)

from generator.errors import OutsideError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from http.client import HTTPMessage
    from pathlib import Path

TIMEOUT = 15.0
AT_ONCE = 8
LARGEST_PAGE = 2 * 1024 * 1024
OLDER = "the page online is an older build"
_MARK = "relance-state"
_META = re.compile(rb"<meta\b[^>]*>", re.IGNORECASE)
_LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
_PRINTABLE = re.compile("[!-~]+")
_OK = 200
_CHUNK = 64 * 1024
#: A cache on the way is asked to look again, and no coding is announced that we would have to undo.
_ASKED_WITH = {
    "User-Agent": "relance",
    "Accept": "text/html",
    "Accept-Encoding": "identity",
    "Cache-Control": "no-cache",
    "Pragma": "no-cache",
}


class _WrongPageError(Exception):
    """What answers is not as it should be; the text says why, in words for the owner."""


def check_pages(
    urls: Mapping[str, str | None],
    *,
    timeout: float = TIMEOUT,
    at_once: int = AT_ONCE,
    opener: OpenerDirector | None = None,
) -> dict[str, str]:
    """For each address that does not answer as it should, why. `urls` says which mark each page has; None: any will do.

    `timeout` is in seconds, for each page as a whole. `opener` speaks to the network instead of our own.
    """
    ways = (opener, opener) if opener else _openers()

    def reason(url: str) -> str:
        return _reason(url, urls[url], timeout, ways)

    with ThreadPoolExecutor(max_workers=max(1, min(at_once, len(urls)))) as pool:
        return {url: found for url, found in zip(urls, pool.map(reason, urls), strict=True) if found}


def local_mark(page: Path) -> str | None:
    """The mark of a page of the last build, from `output/p/KEY/index.html`; None when the owner's template leaves it out.

    Raises OutsideError when there is no such page.
    """
    try:
        return mark_of(page.read_bytes())
    except OSError as error:
        raise OutsideError(
            f"a client's page is not in output/ ({error.strerror}): build the site, then publish it"
        ) from error


def mark_of(page: bytes) -> str | None:
    """The mark in a page, however its host has rewritten the markup; None when there is none."""
    for tag in _META.findall(page):
        meta = _Meta()
        meta.feed(tag.decode("utf-8", "replace"))
        if meta.said.get("name", "").lower() == _MARK:
            return meta.said.get("content", "").strip() or None
    return None


class _Meta(HTMLParser):
    """What one element says, with or without quotation marks, in any order."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.said: dict[str, str] = {}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        del tag
        self.said = {name: value or "" for name, value in attrs}


def _reason(url: str, mark: str | None, timeout: float, ways: tuple[OpenerDirector, OpenerDirector]) -> str:
    """Why the page is not as it should be; empty when it is."""
    until = time.monotonic() + timeout
    host = ""
    try:
        host = _host(url)
        with _open(url, timeout, ways[host in _LOOPBACK]) as answer:
            _compare(answer, mark_of(_read(answer, until)), mark)
    except _WrongPageError as error:
        return str(error)
    except HTTPError as error:
        error.close()
        return f"it answers {error.code} instead of {_OK}"
    except (OSError, HTTPException) as error:  # URLError is an OSError, and so is whatever happens to a connection
        return _unreached(error.reason if isinstance(error, URLError) else error, host, timeout)
    except ValueError:  # of the library, which was led to something that it cannot take apart
        return "it leads to what is no address"
    return ""


def _host(url: str) -> str:
    """The host of an address that may be asked at all."""
    try:
        scheme, host, _ = _place(url)
    except ValueError:
        host = scheme = ""
    if not host or scheme not in {"http", "https"} or "@" in url or not _PRINTABLE.fullmatch(url):
        raise _WrongPageError("its address is none that a browser opens")
    if scheme == "http" and host not in _LOOPBACK:
        raise _WrongPageError("its address does not begin with https")
    return host


def _place(url: str) -> tuple[str, str, int]:
    """Who answers at an address. Raises ValueError for what is none."""
    parts = urlsplit(url)
    return parts.scheme, parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)


def _open(url: str, timeout: float, opener: OpenerDirector) -> HTTPResponse:
    answer = opener.open(Request(url, headers=_ASKED_WITH), timeout=timeout)  # noqa: S310 - http and https only: see _host
    if not isinstance(answer, HTTPResponse):
        raise _WrongPageError("it answers nothing")
    if answer.status != _OK:
        answer.close()
        raise _WrongPageError(f"it answers {answer.status} instead of {_OK}")
    return answer


def _read(answer: HTTPResponse, until: float) -> bytes:
    """The page, at most so large and in at most so much time."""
    page = bytearray()
    while chunk := answer.read1(_CHUNK):
        page += chunk
        if len(page) > LARGEST_PAGE:
            raise _WrongPageError("what answers is larger than 2 MB: not a page of relance")
        if time.monotonic() > until:
            raise TimeoutError
    announced = answer.headers.get("Content-Length", "")
    if announced.isdecimal() and len(page) < int(announced):
        raise _WrongPageError("the answer broke off in the middle of the page")
    return bytes(page)


def _compare(answer: HTTPResponse, found: str | None, mark: str | None) -> None:
    if mark is None or found == mark:
        return
    if found is None:
        raise _WrongPageError("something else answers there: not a client's page")
    age = answer.headers.get("Age", "")
    kept = f", kept by a cache for {age} seconds" if age.isdecimal() and int(age) else ""
    raise _WrongPageError(f"{OLDER}{kept}")


def _unreached(error: object, host: str, timeout: float) -> str:
    """In plain words what kept the page from answering."""
    match error:
        case TimeoutError():
            why = f"it did not answer within {timeout:g} seconds"
        case ssl.SSLCertVerificationError():
            why = f"the certificate of {host} is not valid: {error.verify_message}"
        case ssl.SSLError():
            why = f"no safe connection to {host} is possible: {error.reason or error}"
        case socket.gaierror():
            why = f"the host {host} is not known"
        case ConnectionRefusedError():
            why = f"nothing answers at {host}"
        case HTTPException() | ConnectionError():
            why = "the connection broke off"
        case OSError():
            why = f"{host} cannot be reached: {error.strerror or type(error).__name__}"
        case _:
            why = f"{host} cannot be reached: {error}"
    return why


def _openers() -> tuple[OpenerDirector, OpenerDirector]:
    """To anywhere, and to this machine itself. Whose certificates are believed is read once: that takes longer than a page."""
    trust = ssl.create_default_context()
    return _opener(trust, direct=False), _opener(trust, direct=True)


def _opener(trust: ssl.SSLContext, *, direct: bool) -> OpenerDirector:
    """Speaks http and https and nothing else. A proxy of the environment is not on the way to this machine itself."""
    opener = OpenerDirector()
    for handler in (
        ProxyHandler({} if direct else None),
        HTTPHandler(),
        HTTPSHandler(context=trust),
        HTTPDefaultErrorHandler(),
        _SamePlace(),
        HTTPErrorProcessor(),
    ):
        opener.add_handler(handler)
    return opener


class _SamePlace(HTTPRedirectHandler):
    """Follows an answer that leads to another page of the same host; the key of a page is not told to any other."""

    max_redirections = 5

    def redirect_request(
        self, req: Request, fp: IO[bytes], code: int, msg: str, headers: HTTPMessage, newurl: str
    ) -> Request | None:
        """The request for where the answer leads. Raises when that is with somebody else, or readable on the way."""
        here = _place(req.full_url)
        try:
            there = _place(newurl)
        except ValueError:
            there = "", "", 0
        if there != here:
            fp.close()
            if (there[0], here[0]) == ("http", "https"):
                raise _WrongPageError("it leads to an address without https")
            raise _WrongPageError(f"it leads to another host: {there[1] or 'none'}")
        return super().redirect_request(req, fp, code, msg, headers, newurl)
