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
from dataclasses import dataclass
from enum import StrEnum
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
    from collections.abc import Iterator, Mapping
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
_GONE = frozenset({404, 410})
_CHUNK = 64 * 1024
#: A cache on the way is asked to look again, and no coding is announced that we would have to undo.
_ASKED_WITH = {
    "User-Agent": "relance",
    "Accept": "text/html",
    "Accept-Encoding": "identity",
    "Cache-Control": "no-cache",
    "Pragma": "no-cache",
}


class Fault(StrEnum):
    """What can be wrong with what answers at the address of a page."""

    OLDER = "older"  #: a page of another build: a cache, or a deploy that is not finished
    OTHER_SITE = "other site"  #: something else answers, or leads elsewhere
    NOT_FOUND = "not found"
    REFUSED = "refused"  #: any other answer of the host's
    BROKEN = "broken"  #: it begins to answer, and does not end as it should
    UNREACHED = "unreached"
    UNKNOWN_HOST = "unknown host"
    TLS = "tls"
    ADDRESS = "address"  #: nothing can be asked there


@dataclass(frozen=True, slots=True)
class Look:
    """What was seen of one page: what is wrong, in a kind and in words (none and empty when nothing is), and its mark.

    `guarded`: it tells search engines not to list it.
    """

    fault: Fault | None = None
    words: str = ""
    mark: str | None = None
    guarded: bool = True


class _WrongPageError(Exception):
    """What answers is not as it should be; the text says why, in words for the owner."""

    def __init__(self, words: str, fault: Fault, mark: str | None = None) -> None:
        super().__init__(words)
        self.fault = fault
        self.mark = mark


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
    looks = look_at_pages(urls, timeout=timeout, at_once=at_once, opener=opener)
    return {url: look.words for url, look in looks.items() if look.fault is not None}


def look_at_pages(
    urls: Mapping[str, str | None],
    *,
    timeout: float = TIMEOUT,
    at_once: int = AT_ONCE,
    opener: OpenerDirector | None = None,
) -> dict[str, Look]:
    """What answers at each address, compared with the mark that it has to have, as for `check_pages`."""
    ways = (opener, opener) if opener else _openers()

    def look(url: str) -> Look:
        return _look(url, urls[url], timeout, ways)

    with ThreadPoolExecutor(max_workers=max(1, min(at_once, len(urls)))) as pool:
        return dict(zip(urls, pool.map(look, urls), strict=True))


def read_listing(url: str, *, timeout: float = TIMEOUT, opener: OpenerDirector | None = None) -> bytes:
    """What a host shows at the address of a folder; nothing when it shows none of it."""
    ways = (opener, opener) if opener else _openers()
    try:
        with _open(url, timeout, ways[_host(url) in _LOOPBACK]) as answer:
            return _read(answer, time.monotonic() + timeout)
    except HTTPError as error:
        error.close()
    except (_WrongPageError, OSError, HTTPException, ValueError):
        pass
    return b""


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
    said = next((meta for meta in _metas(page) if meta.get("name", "").lower() == _MARK), {})
    return said.get("content", "").strip() or None


def _metas(page: bytes) -> Iterator[dict[str, str]]:
    for tag in _META.findall(page):
        meta = _Meta()
        meta.feed(tag.decode("utf-8", "replace"))
        yield meta.said


class _Meta(HTMLParser):
    """What one element says, with or without quotation marks, in any order."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.said: dict[str, str] = {}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        del tag
        self.said = {name: value or "" for name, value in attrs}


def _look(url: str, mark: str | None, timeout: float, ways: tuple[OpenerDirector, OpenerDirector]) -> Look:
    """The page, and why it is not as it should be."""
    until = time.monotonic() + timeout
    host = ""
    try:
        host = _host(url)
        with _open(url, timeout, ways[host in _LOOPBACK]) as answer:
            page = _read(answer, until)
            found = mark_of(page)
            _compare(answer, found, mark)
            return Look(mark=found, guarded=_is_guarded(answer, page))
    except _WrongPageError as error:
        return Look(error.fault, str(error), error.mark)
    except HTTPError as error:
        error.close()
        fault = Fault.NOT_FOUND if error.code in _GONE else Fault.REFUSED
        return Look(fault, f"it answers {error.code} instead of {_OK}")
    except (OSError, HTTPException) as error:  # URLError is an OSError, and so is whatever happens to a connection
        return _unreached(error.reason if isinstance(error, URLError) else error, host, timeout)
    except ValueError:  # of the library, which was led to something that it cannot take apart
        return Look(Fault.OTHER_SITE, "it leads to what is no address")


def _is_guarded(answer: HTTPResponse, page: bytes) -> bool:
    """Whether search engines are told not to list it, by a header or in the page."""
    said = [answer.headers.get("X-Robots-Tag", "")]
    said += [meta.get("content", "") for meta in _metas(page) if meta.get("name", "").lower() == "robots"]
    return any("noindex" in words.lower() for words in said)


def _host(url: str) -> str:
    """The host of an address that may be asked at all."""
    try:
        scheme, host, _ = _place(url)
    except ValueError:
        host = scheme = ""
    if not host or scheme not in {"http", "https"} or "@" in url or not _PRINTABLE.fullmatch(url):
        raise _WrongPageError("its address is none that a browser opens", Fault.ADDRESS)
    if scheme == "http" and host not in _LOOPBACK:
        raise _WrongPageError("its address does not begin with https", Fault.ADDRESS)
    return host


def _place(url: str) -> tuple[str, str, int]:
    """Who answers at an address. Raises ValueError for what is none."""
    parts = urlsplit(url)
    return parts.scheme, parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)


def _open(url: str, timeout: float, opener: OpenerDirector) -> HTTPResponse:
    answer = opener.open(Request(url, headers=_ASKED_WITH), timeout=timeout)  # noqa: S310 - http and https only: see _host
    if not isinstance(answer, HTTPResponse):
        raise _WrongPageError("it answers nothing", Fault.BROKEN)
    if answer.status != _OK:
        answer.close()
        raise _WrongPageError(f"it answers {answer.status} instead of {_OK}", Fault.REFUSED)
    return answer


def _read(answer: HTTPResponse, until: float) -> bytes:
    """The page, at most so large and in at most so much time."""
    page = bytearray()
    while chunk := answer.read1(_CHUNK):
        page += chunk
        if len(page) > LARGEST_PAGE:
            raise _WrongPageError("what answers is larger than 2 MB: not a page of relance", Fault.OTHER_SITE)
        if time.monotonic() > until:
            raise TimeoutError
    announced = answer.headers.get("Content-Length", "")
    if announced.isdecimal() and len(page) < int(announced):
        raise _WrongPageError("the answer broke off in the middle of the page", Fault.BROKEN)
    return bytes(page)


def _compare(answer: HTTPResponse, found: str | None, mark: str | None) -> None:
    if mark is None or found == mark:
        return
    if found is None:
        raise _WrongPageError("something else answers there: not a client's page", Fault.OTHER_SITE)
    age = answer.headers.get("Age", "")
    kept = f", kept by a cache for {age} seconds" if age.isdecimal() and int(age) else ""
    raise _WrongPageError(f"{OLDER}{kept}", Fault.OLDER, found)


def _unreached(error: object, host: str, timeout: float) -> Look:
    """In plain words what kept the page from answering."""
    fault = Fault.UNREACHED
    match error:
        case TimeoutError():
            why = f"it did not answer within {timeout:g} seconds"
        case ssl.SSLCertVerificationError():
            fault, why = Fault.TLS, f"the certificate of {host} is not valid: {error.verify_message}"
        case ssl.SSLError():
            fault, why = Fault.TLS, f"no safe connection to {host} is possible: {error.reason or error}"
        case socket.gaierror():
            fault, why = Fault.UNKNOWN_HOST, f"the host {host} is not known"
        case ConnectionRefusedError():
            why = f"nothing answers at {host}"
        case HTTPException() | ConnectionError():
            why = "the connection broke off"
        case OSError():
            why = f"{host} cannot be reached: {error.strerror or type(error).__name__}"
        case _:
            why = f"{host} cannot be reached: {error}"
    return Look(fault, why)


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
                raise _WrongPageError("it leads to an address without https", Fault.OTHER_SITE)
            raise _WrongPageError(f"it leads to another host: {there[1] or 'none'}", Fault.OTHER_SITE)
        return super().redirect_request(req, fp, code, msg, headers, newurl)
