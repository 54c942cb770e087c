"""What a text must be before relance believes it, wherever the owner wrote it: in the ledger or in `portal.toml`.

Each check gives the text back, made regular, or the flaw it found.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from importlib import import_module
from ipaddress import ip_address
from typing import NamedTuple
from urllib.parse import SplitResult, urlsplit

import idna

from generator.problems import Flaw, cells

_CONTROLS = r"\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\ufff9-\uffff\ud800-\udfff"
_INVISIBLE = r"\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\U000e0000-\U000e007f"
#: A text in which this finds nothing needs no further look.
SUSPICIOUS = re.compile(rf"[{_CONTROLS}{_INVISIBLE}=]|[@+-][A-Za-z]+[(|!]|#(?:[A-Z_]{{3,}}[!?]|DIV/0!|N/A)|Err:[0-9]")
_INVISIBLE_ONE = re.compile(rf"[{_INVISIBLE}]")
_FORMULA = re.compile(r"=(?!\?)|[@+-][A-Za-z][\w.]*[(|!]")
#: What spreadsheets show, in English and French, where a formula failed.
_FORMULA_ERROR = re.compile(
    r"#(?:REF!|VALUE!|VALEUR!|DIV/0!|NAME\?|NOM\?|N/A|NUM!|NOMBRE!|NULL!|NUL!|SPILL!|PROPAGATION!|CALC!|CALCUL!)|Err:[0-9]{3}"
)
_NOT_IN_A_LINE = re.compile(rf"[{_CONTROLS}\t\r\n]|=\?")
_NOT_IN_A_TEXT = re.compile(rf"[{_CONTROLS}]")
_NAMES = {
    "\r": "a line break (CR)",
    "\n": "a line break",
    "\t": "a tab",
    "\0": "a NUL",
    "=?": 'the beginning of an encoded word "=?"',
}

_LOCAL_PART = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
_HOST = re.compile(
    r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+(?=[a-z0-9-]*[a-z])[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
)
_LONGEST_LOCAL_PART = 64
_LONGEST_HOST = 253
_HTTPS_PORT = 443
_SIRET_LENGTH = 14


class Clean(NamedTuple):
    """A text that may be believed. `flaw` is at most a warning: what was taken out of it."""

    text: str
    flaw: Flaw | None = None


def clean(text: str, *, lines: bool = False) -> Clean | Flaw:
    """A text without what could deceive a reader or a mail program; `lines`: line breaks and tabs are welcome."""
    if _FORMULA.match(text):
        return cells.FORMULA.flaw()
    if _FORMULA_ERROR.fullmatch(text):
        return cells.FORMULA_ERROR.flaw()
    if lines:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    bad = (_NOT_IN_A_TEXT if lines else _NOT_IN_A_LINE).search(text)
    if bad:
        return (cells.CONTROL_CHARACTER if lines else cells.HEADER_UNSAFE).flaw(what=_name(bad[0]))
    seen = _INVISIBLE_ONE.search(text)
    if seen:
        return Clean(_INVISIBLE_ONE.sub("", text).strip(), cells.CHARACTER_INVISIBLE.flaw(what=_name(seen[0])))
    return Clean(text)


def presentable(text: str, *, lines: bool = False) -> str:
    """A text made such that `clean` finds nothing in it: for cells of our own, which others open in a spreadsheet."""
    text = _INVISIBLE_ONE.sub("", text)
    if lines:
        text = _NOT_IN_A_TEXT.sub(" ", text.replace("\r\n", "\n").replace("\r", "\n")).strip()
    else:
        text = _NOT_IN_A_LINE.sub(" ", text.replace("=?", "= ?")).strip()
    return f"'{text}" if _FORMULA.match(text) else text


def _name(character: str) -> str:
    return _NAMES.get(character) or f"the character U+{ord(character):04X} ({unicodedata.name(character, 'a control')})"


@lru_cache(maxsize=16384)
def email(text: str) -> str | Flaw:
    """The address of one mailbox, its domain in the letters that mail servers use (IDNA).

    Letters with accents before the @ are for mail servers that take them (SMTPUTF8, RFC 6531); signs that only look like
    a part of an address are not.
    """
    if text.count("@") > 1 and re.search(r"[,;\s/]", text):
        return cells.EMAIL_SEVERAL.flaw()
    local, at, host = unicodedata.normalize("NFC", text).rpartition("@")
    reason = ""
    if "<" in text or ">" in text:
        reason = "a name and brackets do not belong in it"
    elif ":" in text:
        reason = "it is the name of a group"
    elif not at:
        reason = 'it has no "@"'
    elif len(local.encode()) > _LONGEST_LOCAL_PART or not _is_local_part(local):
        reason = 'what stands before the "@" cannot be'
    if reason:
        return cells.EMAIL_WRONG.flaw(reason=reason)
    ascii_host = internet_host(host)
    if ascii_host is None:
        return cells.EMAIL_WRONG.flaw(reason="its domain cannot be")
    return f"{local}@{ascii_host}"


def _is_local_part(text: str) -> bool:
    plain = "".join(
        "a" if character > "\x7f" and unicodedata.category(character)[0] in "LMN" else character for character in text
    )
    return bool(_LOCAL_PART.fullmatch(plain))


def internet_host(host: str) -> str | None:
    """A domain name of at least two labels in ASCII (IDNA), or None when it is not one."""
    if not host.isascii():
        try:
            host = idna.encode(host, uts46=True).decode("ascii")
        except (idna.IDNAError, UnicodeError):
            return None
    host = host.lower()
    return host if len(host) <= _LONGEST_HOST and _HOST.fullmatch(host) and _decodes(host) else None


def _decodes(host: str) -> bool:
    if "xn--" not in host:
        return True
    try:
        idna.decode(host)
    except (idna.IDNAError, UnicodeError):
        return False
    return True


def split_url(text: str) -> SplitResult | str:
    """An `http` or `https` address taken apart, or the reason why nobody should follow it."""
    if not text.isprintable() or " " in text or "\\" in text:
        return "it holds a character that addresses do not have"
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        return "it is not an address"
    if parts.scheme not in {"http", "https"}:
        return "it does not begin with https://"
    if "@" in parts.netloc:
        return "it holds a user name, which hides where it leads"
    if port == 0 or parts.netloc.endswith(":"):
        return "it is not an address"
    return parts


def unsafe_endpoint(text: str) -> str:
    """Why nothing that a client writes may be sent to this address; empty when it may be."""
    parts = split_url(text)
    if isinstance(parts, str):
        return parts
    if parts.scheme != "https":
        return "it does not begin with https://"
    if internet_host(parts.hostname or "") is None:
        return "its domain cannot be"
    if parts.port not in {None, _HTTPS_PORT}:
        return f"it is not on the usual port of https, {_HTTPS_PORT}"
    if parts.fragment or "#" in text:
        return 'it holds "#"'
    return (
        "" if text.isascii() and not set(text) & set("\"'<>;,`") else "it holds a character that addresses do not have"
    )


def is_loopback(host: str) -> bool:
    """Whether a host is this very machine."""
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


@lru_cache(maxsize=16384)
def siren(text: str) -> str | Flaw:
    """The nine digits of a French company; the fourteen of one of its places (SIRET) give them too."""
    from stdnum.exceptions import ValidationError  # noqa: PLC0415  (a slow import, for those who need it)
    from stdnum.fr import siren as nine  # noqa: PLC0415  (as above)
    from stdnum.fr import siret as fourteen  # noqa: PLC0415  (as above)

    digits = re.sub(r"[\s.-]", "", text)
    try:
        if len(digits) == _SIRET_LENGTH:
            digits = str(fourteen.validate(digits))[:9]
        return str(nine.validate(digits))
    except ValidationError:
        return cells.SIREN_WRONG.flaw()


@lru_cache(maxsize=16384)
def vat_number(text: str) -> str | Flaw:
    """A VAT number with the letters of its country, without spaces."""
    from stdnum import get_cc_module  # noqa: PLC0415  (a slow import, for those who need it)
    from stdnum.exceptions import ValidationError  # noqa: PLC0415  (as above)

    number = re.sub(r"[\s.-]", "", text).upper()
    if not re.fullmatch(r"[A-Z]{2}[A-Z0-9+*]{2,14}", number):
        return cells.VAT_NUMBER_WRONG.flaw()
    try:
        if number[:2] in _EUROPEAN:
            return str(import_module("stdnum.eu.vat").validate(number))
        module = get_cc_module(number[:2].lower(), "vat")
        if module is not None:
            module.validate(number)
    except ValidationError:
        return cells.VAT_NUMBER_WRONG.flaw()
    return number


_EUROPEAN = frozenset("AT BE BG CY CZ DE DK EE EL ES FI FR GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK XI".split())  # noqa: SIM905 - a list of words


def fold(text: str) -> str:
    """What two names have in common that a person would call the same: case and Unicode form do not count."""
    if text.isascii():
        return text.lower()
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())


@lru_cache(maxsize=8192)
def slug(text: str) -> str:
    """A name as a bare word: `Date d'émission` → `date_d_emission`."""
    plain = unicodedata.normalize("NFKD", text.casefold().replace("œ", "oe").replace("æ", "ae"))
    letters = "".join(character for character in plain if not unicodedata.combining(character))
    return re.sub(r"[\W_]+", "_", letters).strip("_")
