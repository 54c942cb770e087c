"""A message made fit to travel: addresses that can stand in a command, lines that end as they must and hide no final dot."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from generator.delivery.smtp_wire import one_line
from generator.mime import UnsendableError, server_address

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_LONGEST_LINE = 998
_NOT_IN_A_COMMAND = re.compile(r"[\s<>]")


class UnfitError(ValueError):
    """A message that no server should be bothered with. The text says why, to the owner."""


@dataclass(frozen=True, slots=True)
class Letter:
    """A message as it travels: addresses that can stand in a command, lines that end as they must and hold no bare dot."""

    sender: str
    recipients: tuple[str, ...]
    body: bytes


def letter_of(sender: str, recipients: Sequence[str], content: bytes) -> Letter:
    """A message made fit, or an UnfitError: not one byte of it is then sent to anybody."""
    if not recipients:
        raise UnfitError("nobody to send it to")
    return Letter(_address(sender), tuple(dict.fromkeys(map(_address, recipients))), _body(content))


def _address(text: str) -> str:
    """An address for a command: nothing in it could end the command, or begin another one."""
    try:
        address = server_address(text)
    except UnsendableError:
        address = ""
    if not address or text != text.strip() or not address.isprintable() or _NOT_IN_A_COMMAND.search(address):
        raise UnfitError(f"no address that mail can be sent to: {one_line(text)}")
    return address


def _body(content: bytes) -> bytes:
    """Lines with CR LF and no other line break: servers that differ on a bare LF could be made to see two messages."""
    lines = re.split(rb"\r\n|\r|\n", content)
    if lines[-1] == b"":
        lines.pop()
    if b"\0" in content:
        raise UnfitError("the message holds a NUL byte, which no mail server carries")
    if max(map(len, lines), default=0) > _LONGEST_LINE:
        raise UnfitError(f"a line of the message is longer than {_LONGEST_LINE} bytes: mail servers would break it")
    return b"".join(b"." + line + b"\r\n" if line.startswith(b".") else line + b"\r\n" for line in lines)


def options_for(letter: Letter, extensions: Mapping[str, str]) -> str:
    """What the server must know beforehand; a message that needs more than it can do is refused here."""
    options = ""
    headers = letter.body.partition(b"\r\n\r\n")[0]
    if not (headers.isascii() and "".join((letter.sender, *letter.recipients)).isascii()):
        if "SMTPUTF8" not in extensions:
            raise UnfitError("an address has letters beyond ASCII before its @, and the mail server does not take them")
        options += " SMTPUTF8"
    if not letter.body.isascii():
        if "8BITMIME" not in extensions:
            raise UnfitError("the message has bytes beyond ASCII, and the mail server does not take them")
        options += " BODY=8BITMIME"
    if "SIZE" in extensions:
        limit = extensions["SIZE"]
        if limit.isdecimal() and 0 < int(limit) < len(letter.body):
            raise UnfitError(
                f"the message has {len(letter.body)} bytes, and the mail server takes {int(limit)} at most"
            )
        options += f" SIZE={len(letter.body)}"
    return options
